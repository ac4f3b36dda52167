package takeout

import (
	"encoding/csv"
	"strconv"
	"strings"
	"unicode/utf8"

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

// formulas are what a spreadsheet takes for the beginning of a formula, in both widths.
const formulas = "=+-@＝＋－＠"

// cell is a text that no spreadsheet runs: what would begin a formula, also after white space or quotes, gets an apostrophe
// in front, which spreadsheets take for "this is text".
func cell(text string) string {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, " \t\r\n\u00a0\ufeff'\""))
	if strings.ContainsRune(formulas, first) || strings.HasPrefix(text, "\t") || strings.HasPrefix(text, "\r") {
		return "'" + text
	}
	return text
}
