package export

import (
	"encoding/csv"
	"regexp"
	"strconv"

	"carecollective/collections"
)

// writeTable writes the messages for a spreadsheet.
func (t *talk) writeTable() error {
	w, err := t.file(t.path(".csv"))
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte("\ufeff")); err != nil { // or some take it for another encoding
		return err
	}
	rows := csv.NewWriter(w)
	if err := rows.Write([]string{"seq", "time", "from", "text"}); err != nil {
		return err
	}
	err = t.each(func(m *collections.Message) error {
		name, err := t.nameOf(m.Sender())
		if err != nil {
			return err
		}
		return rows.Write([]string{strconv.Itoa(m.Seq()), m.CreatedAt(), cell(name), cell(m.Text())})
	})
	if err != nil {
		return err
	}
	rows.Flush()
	return rows.Error()
}

// formula matches where a spreadsheet would run a text: at its start, and after anything that may end a cell. Where a
// country writes numbers with a comma, cells end at a semicolon, and then our quotes do not hold a cell together.
var formula = regexp.MustCompile(`(^|[;\t\r\n])([\p{Z}\x{feff}'"]*[=+\-@＝＋－＠])`)

// cell returns a text that no spreadsheet runs: the start of a formula gets an apostrophe in front, which spreadsheets treat
// as "this is text".
func cell(text string) string { return formula.ReplaceAllString(text, "$1'$2") }
