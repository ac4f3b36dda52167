package plain

import (
	"strings"
)

// words finds the words of the folded text.
func (f *folder) words(t *Text) []Word {
	words := make([]Word, 0, len(f.letters)/4+4)
	at := 0 // of letters[i] in Folded
	for i := 0; i < len(f.letters); {
		j := f.wordEnd(i)
		size := f.size(i, j)
		if f.letters[i].shape != shapeSpace {
			w := f.word(t, i, j, at, at+size)
			words = append(words, w)
		}
		i, at = j, at+size
	}
	return words
}

// wordEnd returns where the word, the sign or the white space that begins at i ends.
func (f *folder) wordEnd(i int) int {
	if !f.begins(i) {
		return i + 1
	}
	j := i + 1
	for j < len(f.letters) && f.continues(j) {
		j++
	}
	return j
}

// begins reports whether a word begins at i: with a letter or a digit, or with a sign that is read as a letter.
func (f *folder) begins(i int) bool {
	if f.inWord(i) {
		return true
	}
	r := f.letters[i].r
	return (r == '@' || r == '$') && i+1 < len(f.letters) && (f.letters[i+1].shape == shapeLatin || r == f.letters[i+1].r && f.inWord(i+2))
}

func (f *folder) inWord(i int) bool {
	return i >= 0 && i < len(f.letters) && f.letters[i].shape >= shapeLatin && f.letters[i].shape <= shapeDigit
}

// continues reports whether the word that reaches up to j goes on there.
func (f *folder) continues(j int) bool {
	if f.inWord(j) {
		return true
	}
	switch f.letters[j].r {
	case '@', '$':
		return f.inWord(j+1) || j+1 == len(f.letters) || f.letters[j+1].shape == shapeSpace || f.letters[j+1].r == f.letters[j].r
	case '*':
		return f.inWord(j+1) || f.letters[j-1].r == '*' || j+1 < len(f.letters) && f.letters[j+1].r == '*'
	case '€', '£', '¢', '¥':
		return f.inWord(j+1) && f.letters[j+1].shape != shapeDigit && f.letters[j-1].shape != shapeDigit
	case '!', '#', '%', '&', '+', '|', '^', '?', '\'':
		return f.inWord(j+1) && f.letters[j+1].shape != shapeDigit || f.letters[j].r == '!' && f.inWord(j+1)
	}
	// A picture in the middle of a word stands for a letter.
	return f.letters[j].shape == shapePicture && f.letters[j-1].shape == shapeLatin && j+1 < len(f.letters) && f.letters[j+1].shape == shapeLatin
}

func (f *folder) size(i, j int) int {
	n := 0
	for _, l := range f.letters[i:j] {
		n += runeSize(l.r)
	}
	return n
}

func runeSize(r rune) int {
	switch {
	case r < 0x80:
		return 1
	case r < 0x800:
		return 2
	case r < 0x10000:
		return 3
	}
	return 4
}

func (f *folder) word(t *Text, i, j, from, to int) Word {
	w := Word{From: from, To: to, Text: t.Folded[from:to]}
	w.Start, w.End = t.Span(from, to)
	w.Clear = w.Text
	switch {
	case f.letters[i].shape == shapePicture:
		w.Kind = Picture
		return w
	case f.letters[i].shape == shapeSign && j == i+1:
		w.Kind = Sign
		return w
	}
	p := f.profile(i, j)
	w.Upper = f.letters[i].upper
	w.Shouted = p.letters > 1 && p.upper == p.letters
	if p.letters == 0 && p.signs == 0 {
		w.Kind = Number
		return w
	}
	w.Disguised = p.hidden
	f.read(&w, p, i, j)
	return w
}

// profile counts what a word is made of.
type profile struct {
	letters, digits, signs, upper int
	masks                         int // signs that resemble no letter
	apostrophes                   int
	stretched                     bool // the same letter three times or more
	hidden                        bool
}

func (f *folder) profile(i, j int) (p profile) {
	run := 1
	for k := i; k < j; k++ {
		l := f.letters[k]
		p.hidden = p.hidden || l.hidden
		switch {
		case l.shape == shapeDigit:
			p.digits++
		case l.shape == shapeLatin || l.shape == shapeOther:
			p.letters++
			if l.upper {
				p.upper++
			}
		case l.r == '\'':
			p.apostrophes++
		default:
			p.signs++
			if resembles(l.r) == 0 {
				p.masks++
			}
		}
		if k > i && l.r == f.letters[k-1].r {
			run++
			p.stretched = p.stretched || run >= 3
		} else {
			run = 1
		}
	}
	return p
}

// read finds out what a word says.
func (f *folder) read(w *Word, p profile, i, j int) {
	if p.masks > 0 && p.masks >= p.letters-1 && p.letters > 2 {
		p.masks = 0
		w.Disguised = true // d*o*t*t*e*d
	}
	w.Masked = p.masks > 0 && p.letters > 0
	spelt := p.letters > 0 && (p.signs > 0 || p.digits > 0 && !f.countsSomething(i, j, p))
	if !spelt && !p.stretched && p.apostrophes == 0 {
		return
	}
	w.Disguised = w.Disguised || spelt || p.stretched
	var b strings.Builder
	b.Grow(w.To - w.From)
	for k := i; k < j; k++ {
		r := f.letters[k].r
		if r == '\'' {
			continue
		}
		if spelt && f.letters[k].shape != shapeLatin && f.letters[k].shape != shapeOther {
			if r = resembles(r); r == 0 {
				if !w.Masked {
					continue
				}
				r = Mask
			}
		}
		if p.stretched && f.inRun(k, i, j) {
			continue
		}
		b.WriteRune(r)
	}
	w.Clear = b.String()
}

// Mask is an unknown letter in Word.Clear.
const Mask = '*'

// inRun reports whether the letter at k is one of three or more of the same, but not the first of them.
func (f *folder) inRun(k, i, j int) bool {
	if k == i || f.letters[k].r != f.letters[k-1].r {
		return false
	}
	from, to := k, k+1
	for from > i && f.letters[from-1].r == f.letters[k].r && k-from < 3 {
		from--
	}
	for to < j && f.letters[to].r == f.letters[k].r && to-k < 3 {
		to++
	}
	return to-from >= 3
}

// countsSomething reports whether the digits of a word are just that: "24h", "mp3", "b12", "3rd".
func (f *folder) countsSomething(i, j int, p profile) bool {
	if p.signs > 0 || p.letters == 0 {
		return p.letters == 0
	}
	changes := 0
	for k := i + 1; k < j; k++ {
		if (f.letters[k].shape == shapeDigit) != (f.letters[k-1].shape == shapeDigit) {
			changes++
		}
	}
	if changes > 1 || f.letters[i].shape != shapeDigit && p.digits == 1 && p.letters > 3 {
		return false
	}
	return p.digits >= p.letters || f.letters[i].shape == shapeDigit && (p.digits > 1 || p.letters <= 2) || p.letters < 3 || p.digits > 1
}

// resembles returns the letter that a digit or sign replaces; 0 if it could be any.
func resembles(r rune) rune {
	switch r {
	case '0':
		return 'o'
	case '1', '!', '|':
		return 'i'
	case '2':
		return 'z'
	case '3':
		return 'e'
	case '4', '@', '^':
		return 'a'
	case '5', '$':
		return 's'
	case '6', '9':
		return 'g'
	case '7', '+':
		return 't'
	case '8':
		return 'b'
	case '€':
		return 'e'
	case '£':
		return 'l'
	case '¢':
		return 'c'
	case '¥':
		return 'y'
	}
	return 0
}

// joinSpaced makes one word of three or more letters that stand alone with the same thing between them, as in
// "s p a c e d" and "d-o-t-t-e-d".
func joinSpaced(t *Text, words []Word) []Word {
	out := words[:0]
	for i := 0; i < len(words); {
		n, letters := spacedRun(t, words[i:])
		if letters < 3 {
			out = append(out, words[i])
			i++
			continue
		}
		out = append(out, joined(words[i:i+n]))
		i += n
	}
	return out
}

// spacedRun tells how many words, with the signs between them, make up a run of spaced letters, and how many letters it has.
func spacedRun(t *Text, words []Word) (n, letters int) {
	if !single(words[0]) {
		return 0, 0
	}
	n, letters = 1, 1
	gap := ""
	for n < len(words) {
		next := n
		if words[next].Kind == Sign && next+1 < len(words) && separates(words[next].Text) {
			next++
		}
		between := t.Folded[words[n-1].To:words[next].From]
		if !single(words[next]) || len(between) == 0 || len(between) > 2 || gap != "" && between != gap {
			break
		}
		gap = between
		n = next + 1
		letters++
	}
	return n, letters
}

func separates(sign string) bool {
	return len(sign) == 1 && strings.ContainsAny(sign, "-_.*~/,|")
}

func single(w Word) bool {
	return (w.Kind == Letters || w.Kind == Number) && len(w.Text) == 1 || w.Kind == Sign && len(w.Text) == 1 && resembles(rune(w.Text[0])) != 0
}

func joined(words []Word) Word {
	first, last := words[0], words[len(words)-1]
	w := Word{From: first.From, To: last.To, Start: first.Start, End: last.End, Kind: Number, Upper: first.Upper}
	var text, clear strings.Builder
	for _, part := range words {
		if !single(part) {
			continue
		}
		text.WriteString(part.Text)
		r := rune(part.Text[0])
		if part.Kind == Letters {
			w.Kind = Letters
		} else if letter := resembles(r); letter != 0 {
			r = letter
		}
		clear.WriteRune(r)
	}
	w.Text, w.Clear = text.String(), text.String()
	if w.Kind == Letters {
		w.Clear, w.Disguised = clear.String(), true
	}
	return w
}
