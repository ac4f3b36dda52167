package match

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestAWordIsFoundHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text, query string
		want        []Mark // none for not found
	}{
		"a word":                        {"Which milk do you need?", "milk", []Mark{{6, 10}}},
		"a part of a word":              {"Buttermilk", "milk", []Mark{{6, 10}}},
		"the beginning of a word":       {"Wheelchair", "wheel", []Mark{{0, 5}}},
		"each time it comes":            {"Milk, milk, MILK", "milk", []Mark{{0, 4}, {6, 10}, {12, 16}}},
		"every word in any order":       {"Milk and bread", "bread milk", []Mark{{0, 4}, {9, 14}}},
		"not when a word is missing":    {"Milk and bread", "bread eggs", nil},
		"words that touch are one":      {"sunflower", "sun flower", []Mark{{0, 9}}},
		"a word within another word":    {"milkman", "milk milkman", []Mark{{0, 7}}},
		"capitals in the query":         {"on monday", "MONDAY", []Mark{{3, 9}}},
		"accents in the text":           {"Café für Ältere", "cafe altere", []Mark{{0, 4}, {9, 15}}},
		"accents in the query":          {"Cafe", "CAFÉ", []Mark{{0, 4}}},
		"accents as marks of their own": {"cafe\u0301 au lait", "café", []Mark{{0, 5}}},
		"sharp s":                       {"Straße", "STRASSE", []Mark{{0, 6}}},
		"capital sharp s":               {"STRAẞE", "straße", []Mark{{0, 6}}},
		"letters with a stroke":         {"Łódź, Øre, Đorđe", "lodz ore dorde", []Mark{{0, 4}, {6, 9}, {11, 16}}},
		"Turkish":                       {"İstanbul ışık", "istanbul isik", []Mark{{0, 8}, {9, 13}}},
		"Vietnamese":                    {"Tiếng Việt", "tieng viet", []Mark{{0, 5}, {6, 10}}},
		"Greek with its two sigmas":     {"Ὀδυσσεύς", "ΟΔΥΣΣΕΥΣ", []Mark{{0, 8}}},
		"Cyrillic":                      {"Ещё молоко", "еще МОЛОКО", []Mark{{0, 3}, {4, 10}}},
		"Arabic with its points":        {"السَّلَامُ", "السلام", []Mark{{0, 10}}},
		"Hebrew with its points":        {"שָׁלוֹם", "שלום", []Mark{{0, 7}}},
		"Chinese, which has no spaces":  {"我需要牛奶和面包", "牛奶", []Mark{{3, 5}}},
		"Japanese":                      {"牛乳を買ってください", "ください", []Mark{{6, 10}}},
		"narrow Kana":                   {"ﾐﾙｸ", "ミルク", []Mark{{0, 3}}},
		"Kana with its voicing":         {"がく", "かく", nil},
		"Korean by its syllables":       {"우유가 필요해요", "필요", []Mark{{4, 6}}},
		"Korean while it is typed":      {"한국어", "하", []Mark{{0, 1}}},
		"Thai, whose vowels count":      {"น้ำ นม", "นม", []Mark{{4, 6}}},
		"Hindi, whose vowels count":     {"कु", "का", nil},
		"wide letters":                  {"ＭＩＬＫ", "milk", []Mark{{0, 4}}},
		"a ligature":                    {"oﬃce", "office", []Mark{{0, 4}}},
		"a part of a ligature":          {"oﬃce", "off", []Mark{{0, 2}}},
		"what is drawn as nothing":      {"mi\u200blk", "milk", []Mark{{0, 5}}},
		"a soft hyphen":                 {"milk\u00adman", "milkman", []Mark{{0, 8}}},
		"the apostrophe of telephones":  {"I’m here", "i'm", []Mark{{0, 3}}},
		"after an emoji":                {"🥛 milk", "milk", []Mark{{3, 7}}},
		"an emoji":                      {"One 🥛 please", "🥛", []Mark{{4, 6}}},
		"digits":                        {"Room ４２", "42", []Mark{{5, 7}}},
		"a query in punctuation":        {"Really?!", "?!", []Mark{{6, 8}}},
		"over white space":              {"milk\nbread", "milk\u3000bread", []Mark{{0, 4}, {5, 10}}},
	} {
		q, ok := Parse(c.query)
		if !ok {
			t.Errorf("%s: the query is empty", name)
			continue
		}
		if q.In(c.text) != (c.want != nil) {
			t.Errorf("%s: found is %v", name, q.In(c.text))
		}
		if got := q.Marks(c.text); !reflect.DeepEqual(got, append([]Mark{}, c.want...)) {
			t.Errorf("%s: marks %v, want %v", name, got, c.want)
		}
	}
}

func TestAQueryOfNothingIsNone(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"", " ", "\t\n", "\u3000", "\u200b", "\u0301", "\u00ad \u200d"} {
		if _, ok := Parse(query); ok {
			t.Errorf("%q is a query", query)
		}
	}
}

func TestASignatureRulesOutMostTextsThatDoNotHoldTheWords(t *testing.T) {
	t.Parallel()
	const text = "Could you bring me 20 bottles of oat milk on Monday?"
	for query, want := range map[string]bool{
		"milk": true, "MONDAY bottl": true, "mi": true, "": true,
		"nowhere": false, "milk wheelchair": false, "appointment": false,
	} {
		q, _ := Parse(query)
		if got := q.MayBeIn(Sign(text)); got != want {
			t.Errorf("%q may be in the text: %v, want %v", query, got, want)
		}
		if !q.MayBeIn(Signature{}) {
			t.Errorf("%q is ruled out of a text that nothing is known of", query)
		}
	}
	if q, _ := Parse("nowhere"); q.MayBeIn(Sign("")) {
		t.Error("a word may be in an empty text")
	}
}

func FuzzQuery(f *testing.F) {
	f.Add("Café für Ältere", "cafe")
	f.Add("한국어 ﬃ 🥛\u0301", "하")
	f.Add("a\xff\xfeb", "\xff")
	f.Add("İı\u0307", "i")
	f.Fuzz(func(t *testing.T, text, query string) {
		q, ok := Parse(query)
		if !ok {
			return
		}
		marks := q.Marks(text)
		if q.In(text) != (len(marks) > 0) {
			t.Fatalf("found is %v, marked %v", q.In(text), marks)
		}
		units := utf16.Encode([]rune(text))
		last := -1
		for _, m := range marks {
			if m[0] <= last || m[1] <= m[0] || m[1] > len(units) {
				t.Fatalf("marks %v of %d", marks, len(units))
			}
			last = m[1]
		}
		if q.In(text) && !q.MayBeIn(Sign(text)) {
			t.Fatal("the signature of a text rules out what it holds")
		}
		if q.In(text) && !q.In("x "+text) {
			t.Fatal("what is found in a text is not found in a longer one")
		}
		if twice := Fold(Fold(text)); twice != Fold(text) {
			t.Fatalf("%q folds to %q, and that to %q", text, Fold(text), twice)
		}
	})
}

func BenchmarkIn(b *testing.B) {
	q, _ := Parse("nirgends")
	for name, text := range map[string]string{
		"ASCII": strings.Repeat("Could you bring me some milk on Monday? ", 3), "German": strings.Repeat("Könntest du mir am Montag bitte Äpfel mitbringen? ", 3),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if q.In(text) {
					b.Fatal("found")
				}
			}
		})
	}
}
