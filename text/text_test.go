package text

import (
	"strings"
	"testing"
	"time"
	"unicode"
)

func TestCheck(t *testing.T) {
	family := "👨‍👩‍👧‍👦"
	for name, row := range map[string]struct {
		kind Kind
		text string
		want string // the code, empty when the text is fine
	}{
		"a plain message":                              {Message, "Can you bring bread?", ""},
		"one letter":                                   {Message, "a", ""},
		"1,000 letters":                                {Message, strings.Repeat("a", 1000), ""},
		"1,001 letters":                                {Message, strings.Repeat("a", 1001), "too_long"},
		"600 families of 25 bytes each":                {Message, strings.Repeat(family, 600), ""},
		"more than 16 KiB in few clusters":             {Message, strings.Repeat(family, 700), "too_long"},
		"exactly 16 KiB":                               {Message, strings.Repeat("𠀀", 999) + strings.Repeat("\u200d", 4129) + "a", ""},
		"1,000 letters of four bytes":                  {Message, strings.Repeat("𠀀", 1000), ""},
		"a line break of two characters counts as one": {Message, strings.Repeat("\r\n", 999) + "a", ""},
		"bytes that are no UTF-8":                      {Message, "a\xff", "invalid_utf8"},
		"a surrogate in UTF-8":                         {Message, "a\xed\xa0\x80", "invalid_utf8"},
		"the replacement character is text":            {Message, "\ufffd", ""},

		"line breaks and tabs":            {Message, "a\nb\r\nc\td\u2028e", ""},
		"a null":                          {Message, "a\x00", "control_characters"},
		"an escape":                       {Message, "\x1b[31ma", "control_characters"},
		"a carriage return alone":         {Message, "a\rb", "control_characters"},
		"a carriage return at the end":    {Message, "a\r", "control_characters"},
		"a delete":                        {Message, "a\x7f", "control_characters"},
		"a control of the second set":     {Message, "a\u0085", "control_characters"},
		"a noncharacter":                  {Message, "a\uffff", "control_characters"},
		"a noncharacter of the block":     {Message, "a\ufdd0", "control_characters"},
		"a noncharacter of another plane": {Message, "a\U0001fffe", "control_characters"},

		"nothing":                       {Message, "", "blank"},
		"white space":                   {Message, " \n\t\u00a0\u2003\u3000\u2029", "blank"},
		"zero-width characters":         {Message, "\u200b\u200c\u200d\u2060\ufeff", "blank"},
		"variation selectors":           {Message, "\ufe0f\ufe00\U000e0100\u180b", "blank"},
		"an empty Braille pattern":      {Message, "\u2800", "blank"},
		"Hangul fillers":                {Message, "\u3164\u115f\u1160\uffa0", "blank"},
		"a grapheme joiner":             {Message, "\u034f", "blank"},
		"a vowel separator":             {Message, "\u180e", "blank"},
		"invisible operators":           {Message, "\u2061\u2062\u2063\u2064", "blank"},
		"a soft hyphen":                 {Message, "\u00ad", "blank"},
		"tags":                          {Message, "\U000e0001\U000e0041\U000e007f", "blank"},
		"bidi controls":                 {Message, "\u200e\u200f\u061c\u202a\u202e\u2066\u2069", "blank"},
		"Khmer inherent vowels":         {Message, "\u17b4\u17b5", "blank"},
		"a null notehead":               {Message, "\U0001d159", "blank"},
		"blank hieroglyphs":             {Message, "\U00013441\U00013442", "blank"},
		"marks without a letter":        {Message, "\u0301\u0302", "blank"},
		"a letter among them":           {Message, "\u200b\u2800 a", ""},
		"an Arabic number sign is seen": {Message, "\u0600", ""},

		"8 marks on a letter":             {Message, "a" + strings.Repeat("\u0301", 8), ""},
		"9 marks on a letter":             {Message, "a" + strings.Repeat("\u0301", 9), "too_many_marks"},
		"9 enclosing marks":               {Message, "a" + strings.Repeat("\u20dd", 9), "too_many_marks"},
		"8 marks on each of two letters":  {Message, strings.Repeat("a"+strings.Repeat("\u0301", 8), 2), ""},
		"marks parted by a joiner":        {Message, "a" + strings.Repeat("\u0301\u200d", 9), "too_many_marks"},
		"marks parted by a filler":        {Message, "a" + strings.Repeat("\u0301\u3164", 9), "too_many_marks"},
		"marks parted by a vowel sign":    {Message, "ह" + strings.Repeat("ा\u0301", 9), "too_many_marks"},
		"marks parted by letters":         {Message, strings.Repeat("a\u0301", 300), ""},
		"a long Hindi vowel":              {Message, "हा" + strings.Repeat("ा", 40), ""},
		"a Hindi cluster":                 {Message, "क्ष्म्यैः स्त्री", ""},
		"Tamil":                           {Message, "நிகழ்ச்சி", ""},
		"a stacked Burmese syllable":      {Message, "ကျွန်ုပ်တို့", ""},
		"a stacked Tibetan syllable":      {Message, "ཧཱུྃ བསྒྲུབས", ""},
		"Thai vowels and tones":           {Message, "ที่นี้ น้ำ", ""},
		"Hebrew with niqqud and te'amim":  {Message, "בְּרֵאשִׁ֖ית", ""},
		"Arabic with vowel points":        {Message, "ٱلسَّلَامُ", ""},
		"Vietnamese taken apart":          {Message, "Tie\u0302\u0301ng Vie\u0323\u0302t", ""},
		"Hangul in jamo":                  {Message, "\u1112\u1161\u11ab", ""},
		"flags, keycaps, skins, families": {Message, "🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇺🇦 1️⃣ 👍🏽 👩🏽‍🤝‍👨🏿 🏳️‍🌈 " + family, ""},

		"bidi controls in a message":      {Message, "a\u202eb\u2066c\u2069", ""},
		"a bidi override in a name":       {Name, "anna\u202e", "bidi_control"},
		"a bidi isolate in a name":        {Name, "\u2066anna", "bidi_control"},
		"a direction mark in a name":      {Name, "anna\u200f", "bidi_control"},
		"an Arabic letter mark in a name": {Name, "anna\u061c", "bidi_control"},
		"a Persian name with its joiner":  {Name, "نرگس\u200cالسادات", ""},
		"a name of two lines":             {Name, "an\nna", "line_break"},
		"a name of two Windows lines":     {Name, "an\r\nna", "line_break"},
		"a name with a tab":               {Name, "an\tna", "line_break"},
		"a name with a paragraph":         {Name, "an\u2029na", "line_break"},
		"a name with a null":              {Name, "an\x00na", "control_characters"},
		"80 letters of a name":            {Name, strings.Repeat("é", 80), ""},
		"81 letters of a name":            {Name, strings.Repeat("é", 81), "too_long"},
		"a name of nothing":               {Name, "", "blank"},
		"a name that is blank":            {Name, "\u3164", "blank"},

		"a title of nothing":       {Title, "", "blank"},
		"a title of 120":           {Title, strings.Repeat("a", 120), ""},
		"a title of 121":           {Title, strings.Repeat("a", 121), "too_long"},
		"a title of two lines":     {Title, "a\nb", ""},
		"a biography of nothing":   {Long, "", ""},
		"a blank biography":        {Long, " ", "blank"},
		"a biography of 2,000":     {Long, strings.Repeat("𠀀", 2000), ""},
		"a biography of 2,001":     {Long, strings.Repeat("a", 2001), "too_long"},
		"a location of nothing":    {Short, "", ""},
		"a location of 121":        {Short, strings.Repeat("a", 121), "too_long"},
		"a report of nothing":      {Report, "", ""},
		"a report of 1,001":        {Report, strings.Repeat("a", 1001), "too_long"},
		"a kind that is not known": {Kind(99), "a", "too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			problem := Check(row.kind, row.text)
			if code := code(problem); code != row.want {
				t.Errorf("got %q, want %q", code, row.want)
			}
			if problem != nil && !strings.HasSuffix(problem.Sentence, ".") {
				t.Errorf("no sentence: %q", problem.Sentence)
			}
		})
	}
}

func code(problem *Problem) string {
	if problem == nil {
		return ""
	}
	return problem.Code
}

func TestInvisibleIsDefaultIgnorable(t *testing.T) {
	// The ranges of Default_Ignorable_Code_Point, copied from DerivedCoreProperties.txt of Unicode 15.
	ranges := [][2]rune{
		{0x00AD, 0x00AD},
		{0x034F, 0x034F},
		{0x061C, 0x061C},
		{0x115F, 0x1160},
		{0x17B4, 0x17B5},
		{0x180B, 0x180F},
		{0x200B, 0x200F},
		{0x202A, 0x202E},
		{0x2060, 0x206F},
		{0x3164, 0x3164},
		{0xFE00, 0xFE0F},
		{0xFEFF, 0xFEFF},
		{0xFFA0, 0xFFA0},
		{0xFFF0, 0xFFF8},
		{0x1BCA0, 0x1BCA3},
		{0x1D173, 0x1D17A},
		{0xE0000, 0xE0FFF},
	}
	ignorable := map[rune]bool{}
	for _, span := range ranges {
		for r := span[0]; r <= span[1]; r++ {
			ignorable[r] = true
		}
	}
	for r := range unicode.MaxRune {
		if got, want := Invisible(r), ignorable[r] || unicode.Is(blanks, r); got != want {
			t.Errorf("%U: got %v, want %v", r, got, want)
		}
	}
}

func TestNoTextTakesLong(t *testing.T) {
	for name, piece := range map[string]string{
		"joiners": "\u200d", "flags": "🇦", "families": "👨‍", "marks": "\u0301", "prefixes": "\u0600", "jamo": "\u1100",
		"line breaks": "\r\n", "Indic joins": "क्", "tags": "\U000e0041", "letters": "a",
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Repeat(piece, 1<<20/len(piece)) // so long that work which grows with its square takes hours
			begin := time.Now()
			if problem := Check(Long, text); problem == nil || problem.Code != "too_long" {
				t.Errorf("got %v", problem)
			}
			checkRunes(Long, text) // what the cap on bytes spares is linear too
			longer(text, len(text))
			if took := time.Since(begin); took > time.Minute {
				t.Errorf("took %v", took)
			}
		})
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"", "a", "\xff", "\u200b", "a\u0301\u200d", "\r", "\u2800 ", "🏴󠁧󠁢", "ha\u202e"} {
		for kind := Message; kind <= Report; kind++ {
			f.Add(int(kind), seed)
		}
	}
	f.Fuzz(func(t *testing.T, kind int, s string) {
		if Check(Kind(kind), s) != nil || s == "" {
			return
		}
		if strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || Invisible(r) }) == "" {
			t.Errorf("%q is blank", s)
		}
		if strings.ToValidUTF8(s, "") != s {
			t.Errorf("%q is no UTF-8", s)
		}
		if Kind(kind) == Name && strings.ContainsAny(s, "\n\r\t\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c") {
			t.Errorf("%q is no name", s)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	text := strings.Repeat("Häuser और 👨‍👩‍👧‍👦 ", 50)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Check(Message, text)
	}
}
