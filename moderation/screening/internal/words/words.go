package words

import (
	"embed"
	"strings"

	"carecollective/moderation/screening/internal/plain"
)

//go:embed lists/*.txt
var lists embed.FS

// Class is the class of a word. The values are part of the trained model: add new ones at the end.
type Class uint8

// The classes. A word that contains a listed stem or end counts as Strong.
const (
	None    Class = iota
	Strong        // profanity, and words about sex
	Slur          // words that were made to degrade a group
	Mild          // what most people would say at work
	Insult        // what is said of a person to hurt
	Hostile       // what is said of a group to degrade it
	Vermin        // what people are compared with
	Threat        // violence and death
	People        // groups that people belong to
	You
	They
	Every
	Want
	Quote
	No
	Kind
	Self
	Operator // the operator's own
	classes
)

// Classes is how many there are.
const Classes = int(classes)

var classOf = map[string]Class{
	"strong": Strong, "slur": Slur, "mild": Mild, "insult": Insult, "hostile": Hostile, "vermin": Vermin, "threat": Threat, "people": People, "you": You, "they": They,
	"every": Every, "want": Want, "quote": Quote, "no": No, "kind": Kind, "self": Self, "operator": Operator,
}

// Lexicon finds words by how they read.
type Lexicon struct {
	exact     map[string]Class
	skeletons map[string]string   // with the letters merged that one sign can stand for
	collapsed map[string][]string // with every stretch of a letter reduced to one
	masked    map[maskKey][]string
	stems     [256][]string // by their first byte
	ends      [256][]string // by their last
	fine      map[string]bool
}

type maskKey struct {
	length int
	first  byte
}

// Match is the result of looking up a word.
type Match struct {
	Class Class
	Word  string // as it is on the list
	Stem  bool   // whether only a part of it is
}

// Load reads the embedded lists.
func Load() *Lexicon {
	l := &Lexicon{exact: map[string]Class{}, skeletons: map[string]string{}, collapsed: map[string][]string{}, masked: map[maskKey][]string{}, fine: map[string]bool{}}
	entries, err := lists.ReadDir("lists")
	if err != nil {
		panic("moderation: the word lists are not in the program: " + err.Error())
	}
	// English comes first: a word that means two things means what it means there.
	l.read("en.txt")
	for _, e := range entries {
		if e.Name() != "en.txt" {
			l.read(e.Name())
		}
	}
	return l
}

func (l *Lexicon) read(name string) {
	data, err := lists.ReadFile("lists/" + name)
	if err != nil {
		panic("moderation: read the word list " + name + ": " + err.Error())
	}
	class := ""
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if before, after, ok := strings.Cut(line, ":"); ok {
			class, line = before, after
		}
		for word := range strings.FieldsSeq(line) {
			l.file(class, folded(word))
		}
	}
}

// folded is a word of a list as the words of a text are folded.
func folded(word string) string {
	return strings.ReplaceAll(plain.Read(word).Folded, "'", "")
}

func (l *Lexicon) file(class, word string) {
	switch class {
	case "stems":
		l.stems[word[0]] = append(l.stems[word[0]], word)
	case "ends":
		last := word[len(word)-1]
		l.ends[last] = append(l.ends[last], word)
	case "fine":
		l.fine[word] = true
	default:
		l.Add(word, classOf[class])
	}
}

// Add adds a word to the list.
func (l *Lexicon) Add(word string, class Class) {
	if _, ok := l.exact[word]; ok && class != Operator {
		return
	}
	l.exact[word] = class
	if !disguisable(class) || len(word) < 3 {
		return
	}
	if s := skeleton(word); l.skeletons[s] == "" {
		l.skeletons[s] = word
	}
	c := collapse(word)
	l.collapsed[c] = append(l.collapsed[c], word)
	key := maskKey{len(word), word[0]}
	l.masked[key] = append(l.masked[key], word)
}

// With returns a lexicon with additional words.
func (l *Lexicon) With(more []string) *Lexicon {
	extended := Load()
	for _, word := range more {
		if word = folded(word); word != "" {
			extended.Add(word, Operator)
		}
	}
	return extended
}

// disguisable reports whether someone would hide a word of this class from a filter.
func disguisable(c Class) bool {
	return c == Strong || c == Slur || c == Insult || c == Operator
}

// Find looks up a word. It costs a few look-ups, and more only for disguised words.
func (l *Lexicon) Find(w *plain.Word) Match {
	if w.Kind == plain.Sign || w.Kind == plain.Number && !w.Disguised {
		return Match{}
	}
	if m, ok := l.plain(w.Text); ok {
		return m
	}
	if w.Clear != w.Text {
		if m, ok := l.plain(w.Clear); ok {
			return m
		}
	}
	if w.Disguised || w.Masked {
		if m, ok := l.undisguised(w); ok {
			return m
		}
	}
	if m, ok := l.stretched(w.Text); ok {
		return m
	}
	return l.made(w)
}

func (l *Lexicon) plain(word string) (Match, bool) {
	if class, ok := l.exact[word]; ok {
		return Match{Class: class, Word: word}, true
	}
	return Match{}, false
}

func (l *Lexicon) undisguised(w *plain.Word) (Match, bool) {
	if w.Masked {
		return l.guess(w.Clear)
	}
	if word := l.skeletons[skeleton(w.Clear)]; word != "" {
		return Match{Class: l.exact[word], Word: word}, true
	}
	// The letters of a disguised word may be stretched as well.
	return l.stretched(w.Clear)
}

// guess finds the word that a mask hides, if it leaves enough of it to tell.
func (l *Lexicon) guess(clear string) (Match, bool) {
	if clear == "" || len(clear) < 3 {
		return Match{}, false
	}
	for _, word := range l.masked[maskKey{len(clear), clear[0]}] {
		if fits(clear, word) {
			return Match{Class: l.exact[word], Word: word}, true
		}
	}
	return Match{}, false
}

func fits(clear, word string) bool {
	for i := range len(word) {
		if clear[i] != plain.Mask && clear[i] != word[i] {
			return false
		}
	}
	return true
}

// stretched finds the word of the list of which every letter stands at least as often in this one.
func (l *Lexicon) stretched(word string) (Match, bool) {
	c := collapse(word)
	if len(c) == len(word) {
		return Match{}, false
	}
	for _, listed := range l.collapsed[c] {
		if stretches(word, listed) {
			return Match{Class: l.exact[listed], Word: listed}, true
		}
	}
	s := skeleton(c)
	if listed := l.skeletons[s]; listed != "" && len(word)-len(c) >= 3 {
		return Match{Class: l.exact[listed], Word: listed}, true
	}
	return Match{}, false
}

func stretches(word, listed string) bool {
	i := 0
	for j := 0; j < len(listed); {
		long, short := run(word, i), run(listed, j)
		if long < short {
			return false
		}
		i, j = i+long, j+short
	}
	return true
}

func run(word string, at int) int {
	n := 1
	for at+n < len(word) && word[at+n] == word[at] {
		n++
	}
	return n
}

func collapse(word string) string {
	doubled := false
	for i := 1; i < len(word); i++ {
		if word[i] == word[i-1] {
			doubled = true
			break
		}
	}
	if !doubled {
		return word
	}
	var b strings.Builder
	for i := 0; i < len(word); i += run(word, i) {
		b.WriteByte(word[i])
	}
	return b.String()
}

// merge puts the letters together that the same sign or habit may stand for: 1 for i and l, v for u.
func merge(b byte) byte {
	switch b {
	case 'l', 'j':
		return 'i'
	case 'v':
		return 'u'
	case 'z':
		return 's'
	}
	return b
}

func skeleton(word string) string {
	b := []byte(word)
	for i := range b {
		b[i] = merge(b[i])
	}
	return string(b)
}

// longestWord is how long a word may be to be taken apart.
const longestWord = 40

// made finds words that are built around a strong one.
func (l *Lexicon) made(w *plain.Word) Match {
	word := w.Clear
	if len(word) < 5 || len(word) > longestWord || l.fine[word] || l.fine[strings.TrimSuffix(word, "s")] {
		return Match{}
	}
	for _, stem := range l.stems[word[0]] {
		if strings.HasPrefix(word, stem) {
			return Match{Class: Strong, Word: stem, Stem: true}
		}
	}
	for _, end := range l.ends[word[len(word)-1]] {
		if strings.HasSuffix(word, end) {
			return Match{Class: Strong, Word: end, Stem: true}
		}
	}
	return Match{}
}
