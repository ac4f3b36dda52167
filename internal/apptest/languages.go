package apptest

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"carecollective/notifications/wording"
)

// Invented is the tag of the language that [WithInvented] adds.
const Invented = "eo"

// code is the part of a language file that a translator leaves as it is.
var code = regexp.MustCompile(`(?s)\{\{.*?\}\}`)

// WithInvented returns the languages of the program and another one, made from the source language: its vowels have accents.
func WithInvented(t testing.TB) fs.FS {
	t.Helper()
	all := fstest.MapFS{}
	names, err := fs.Glob(wording.Languages(), "*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(wording.Languages(), name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = &fstest.MapFile{Data: content}
	}
	all[Invented+".txt"] = &fstest.MapFile{Data: []byte(invent(string(all[wording.Source+".txt"].Data)))}
	return all
}

func invent(source string) string {
	var b strings.Builder
	at := 0
	for _, found := range code.FindAllStringIndex(source, -1) {
		b.WriteString(Accented(source[at:found[0]]))
		b.WriteString(source[found[0]:found[1]])
		at = found[1]
	}
	return b.String() + Accented(source[at:])
}

// Accented is an English text in the invented language.
func Accented(text string) string {
	return strings.NewReplacer("a", "á", "e", "é", "i", "í", "o", "ó", "u", "ú").Replace(text)
}
