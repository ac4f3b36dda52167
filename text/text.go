// Package text has the rules for what members write: what counts as a valid text ([Check]), and which names look
// alike ([Skeleton]). It is pure, and never changes a text: what passes is stored as it was sent.
package text

import (
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Kind is the purpose of a text, which decides how long it may be.
type Kind int

// The kinds of text.
const (
	Message Kind = iota // what a member writes to another
	Title               // of a help request or a group
	Long                // bios, descriptions, reasons; may be empty
	Short               // location, category, language and the like; may be empty
	Name                // of a member: one line without bidi controls
	Report              // what a report or an appeal says; may be empty
)

// A Problem is why a text is refused: a code for clients, and one plain sentence that says what to do.
type Problem struct {
	Code     string
	Sentence string
}

// The problems.
var (
	tooLong      = Problem{"too_long", "Write a shorter text."}
	invalidUTF8  = Problem{"invalid_utf8", "Send the text as valid UTF-8."}
	controls     = Problem{"control_characters", "Remove the control characters. Line breaks and tabs may stay."}
	tooManyMarks = Problem{"too_many_marks", "Use at most 8 combining marks on one letter."}
	lineBreak    = Problem{"line_break", "Write the name on one line, without tabs."}
	bidiControl  = Problem{"bidi_control", "Remove the invisible characters that change the direction of writing."}
	blank        = Problem{"blank", "Write something that can be seen."}
)

// maxMarks is how many combining marks may stand on one base.
const maxMarks = 8

// limits of a kind. Bytes bound the work that a hostile text can cause, before anything else looks at it; a cluster
// may be long (a family of four is 25 bytes), so they leave about 32 bytes for each where the contract names none.
type limits struct {
	clusters int
	bytes    int
	optional bool // may be empty
}

var limitsOf = map[Kind]limits{
	Message: {clusters: 1000, bytes: 16 << 10},
	Title:   {clusters: 120, bytes: 4 << 10},
	Long:    {clusters: 2000, bytes: 64 << 10, optional: true},
	Short:   {clusters: 120, bytes: 4 << 10, optional: true},
	Name:    {clusters: 80, bytes: 2560},
	Report:  {clusters: 1000, bytes: 16 << 10, optional: true},
}

// Check returns what is wrong with s as a text of that kind, or nil. An optional text may be empty, but not blank.
func Check(kind Kind, s string) *Problem {
	limit := limitsOf[kind]
	switch {
	case s == "" && limit.optional:
		return nil
	case len(s) > limit.bytes:
		return &tooLong
	case !utf8.ValidString(s):
		return &invalidUTF8
	}
	if problem := checkRunes(kind, s); problem != nil {
		return problem
	}
	if longer(s, limit.clusters) {
		return &tooLong
	}
	return nil
}

// checkRunes reads s once: forbidden characters, marks heaped on one base, and whether anything is to be seen.
func checkRunes(kind Kind, s string) *Problem {
	visible, marks := false, 0
	for i, r := range s {
		if problem := forbidden(kind, r, s[i:]); problem != nil {
			return problem
		}
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me):
			marks++
		case !unicode.Is(unicode.Mc, r) && !Invisible(r):
			marks = 0 // a new base; what is invisible between two marks leaves them on the same one
		}
		if marks > maxMarks {
			return &tooManyMarks
		}
		visible = visible || seen(r)
	}
	if !visible {
		return &blank
	}
	return nil
}

// forbidden judges the character r, which rest begins with.
func forbidden(kind Kind, r rune, rest string) *Problem {
	switch {
	case lineOrTab(r, rest):
		if kind == Name {
			return &lineBreak
		}
	case unicode.IsControl(r), noncharacter(r):
		return &controls
	case kind == Name && unicode.Is(unicode.Bidi_Control, r):
		return &bidiControl
	}
	return nil
}

// lineOrTab reports whether a character is a tab or a modern line break; a carriage return alone is not.
func lineOrTab(r rune, rest string) bool {
	switch r {
	case '\n', '\t', '\u2028', '\u2029':
		return true
	case '\r':
		return len(rest) > 1 && rest[1] == '\n'
	}
	return false
}

// noncharacter knows the code points that Unicode keeps out of interchange.
func noncharacter(r rune) bool {
	return r&0xFFFE == 0xFFFE || r >= 0xFDD0 && r <= 0xFDEF
}

// seen says that r leaves something on the screen by itself. A mark without a base is no text.
func seen(r rune) bool {
	return !unicode.IsSpace(r) && !unicode.Is(unicode.M, r) && !Invisible(r)
}

// longer counts grapheme clusters no further than it must.
func longer(s string, limit int) bool {
	state := -1
	for count := 0; s != ""; count++ {
		if count == limit {
			return true
		}
		_, s, _, state = uniseg.FirstGraphemeClusterInString(s, state)
	}
	return false
}
