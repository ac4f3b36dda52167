package export

// For the tests: what is not for other packages.
var (
	Fill = fill
	Cell = cell
)
