package apptest

import (
	"strconv"
	"strings"
)

// At finds a value inside decoded JSON by its path, with dots between names and positions; nil when it is not there.
func At(value any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}
