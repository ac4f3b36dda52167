package plain

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestADisguisedWordReadsAsWhatItSays(t *testing.T) {
	for written, reads := range map[string]string{
		"Fｕｃкіng": "fucking", "s p a m": "spam", "s.p.a.m": "spam", "s-p-a-m": "spam", "s*p*a*m": "spam", "sp\u200bam": "spam", "s\u00adp\u00ada\u00adm": "spam",
		"späm": "spam", "sp@m": "spam", "5p4m": "spam", "ssspppaaammm": "spam", "$p@m": "spam", "ѕрам": "спам", "s\u0336p\u0336am": "spam", "🅂🄿🄰🄼": "spam",
		"𝓼𝓹𝓪𝓶": "spam", "ＳＰＡＭ": "spam", "sp*m": "sp*m", "don't": "dont", "don’t": "dont", "\u202Espam": "spam", "st3️⃣w": "stew", "b12": "b12", "24h": "24h", "mp3": "mp3",
	} {
		if written == "ѕрам" {
			reads = "spam" // an alphabet within which the word is not written
			written = "this ѕрaм"
		}
		words := Read(written).Words
		if got := words[len(words)-1].Clear; got != reads {
			t.Errorf("%q reads as %q, want %q", written, got, reads)
		}
	}
}

func TestWordsOfAnotherAlphabetStayThemselves(t *testing.T) {
	for _, text := range []string{"привет всем", "Καλημέρα σας", "مرحبا بكم", "你好"} {
		for _, w := range Read(text).Words {
			if strings.ContainsAny(w.Text, "abcdefghijklmnopqrstuvwxyz") {
				t.Errorf("%q became %q", text, w.Text)
			}
		}
	}
}

func TestAWordIsFoundWhereItStands(t *testing.T) {
	text := "hé ‘s p a m’ und ＳＰＡＭ ﷺ s\u0336pam!"
	var found []string
	for _, w := range Read(text).Words {
		if w.Clear == "spam" {
			found = append(found, text[w.Start:w.End])
		}
	}
	if got := strings.Join(found, "|"); got != "s p a m|ＳＰＡＭ|s\u0336pam" {
		t.Errorf("found %q", got)
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"hello", "f u c k", "ﷺﷺ", "\xff\xfe", "a\u0301\u0301", "🇫🇺", "@@$$!!", "e\u200d\u200d", "１２３", "가나다"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := Read(text)
		if !utf8.ValidString(r.Folded) {
			t.Fatalf("%q is folded to what is no text", text)
		}
		if len(r.at) != len(r.Folded)+1 {
			t.Fatalf("%d offsets for %d bytes", len(r.at), len(r.Folded))
		}
		end := 0
		for _, w := range r.Words {
			if w.Start < 0 || w.End > len(text) || w.Start >= w.End {
				t.Fatalf("a word of %q stands at %d to %d", text, w.Start, w.End)
			}
			if w.From < end || w.To > len(r.Folded) {
				t.Fatalf("the words of %q overlap", text)
			}
			end = w.To
		}
	})
}
