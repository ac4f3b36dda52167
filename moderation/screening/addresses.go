package screening

import (
	"strings"

	"carecollective/moderation/screening/internal/plain"
)

// addresses finds street addresses: they have a number, a name, and a word that says what kind of way it is, in an
// order that differs from country to country.
func (p *personal) addresses() {
	a := &atlas{words: p.text.Words, lower: strings.ToLower(p.text.Original) == p.text.Original}
	for i := range a.words {
		if to := a.at(i); to > i {
			p.add(anAddress, a.words[i].From, a.words[to-1].To, 0.75)
			return // one is enough to ask the writer
		}
	}
}

// atlas looks for addresses among the words of a text.
type atlas struct {
	words []plain.Word
	lower bool // whether the text has no capitals at all, so that they tell nothing
}

var (
	// after a name: Oak Street
	ways = set("street st ave avenue av road rd lane ln drive dr blvd boulevard court ct place pl way terrace close crescent cres square sq parkway pkwy highway hwy row gardens grove mews trail circle cir loop walk plaza turnpike quay wharf rise alley pike parade esplanade")
	// before a name: Calle Mayor
	waysBefore = set("rue avenue boulevard chemin allee impasse quai calle avda avenida paseo carrer camino via viale piazza corso vicolo strada rua travessa ul ulica aleja osiedle bulevar trg ulice namesti utca rruga ulitsa rd jalan strasse alameda praca largo estrada bd pza carretera ctra plaza")
	// at the end of a name: Hauptstraße
	waysWithin = byLast("strasse", "straat", "gasse", "platz", "allee", "laan", "plein", "gade", "gatan", "gata", "vagen", "veien", "katu", "kuja", "utca", "gracht", "steeg", "kade", "singel", "dijk", "vegur", "gotu", "stigur", "weg", "vej", "brucke", "hof", "polku", "stien", "steinn", "ulice")
	// signs that make a number a part of a time, a date or a sum
	joins = set(": / % $ £ € . -")
	// a part of a house
	rooms = set("apt apartment suite flat unit ste piso")
	// words that follow a number and are no names
	counts = set("main way drive miles mile blocks block minutes min hours days people persons more times feet meters km bags boxes meals dishes on of the then and for in to at a an is from left right or with after before percent kids children families units years old st nd rd th am pm")
	// what leads to an address
	leads = []string{"address", "lives at", "live at", "living at", "located at", "stays at", "staying at", "deliver to", "return to", "taxi to", "office is at", "station is on", "is at", "is on", "is in", "enter on", "corner of", "side of", "refers to", "change my address to", "moved to", "outside", "come to", "meet at", "house is"}
)

func (a *atlas) at(i int) int {
	w := &a.words[i]
	switch {
	case w.Kind == plain.Number || houseNumber(w):
		return a.fromNumber(i)
	case w.Kind != plain.Letters:
		return i
	case w.Text == "box" || w.Text == "pobox":
		return a.box(i)
	case waysBefore[w.Text]:
		return a.numberAfterName(i, 5)
	case a.endsInWay(w.Text) && (w.Upper || a.lower) && a.isHouse(i+1):
		return i + 2
	case rooms[w.Text]:
		return a.room(i)
	case w.Text == "str" && i > 0 && a.isHouseOr(i+1, i-2):
		return i + 1
	}
	return a.led(i)
}

// byLast sorts words by their last byte.
func byLast(list ...string) (sorted [256][]string) {
	for _, word := range list {
		last := word[len(word)-1]
		sorted[last] = append(sorted[last], word)
	}
	return sorted
}

func (a *atlas) endsInWay(word string) bool {
	for _, end := range waysWithin[word[len(word)-1]] {
		if len(word) > len(end)+1 && strings.HasSuffix(word, end) {
			return true
		}
	}
	return strings.HasSuffix(word, "str") && len(word) > 5
}

// houseNumber reports whether a word is a number with a letter: 12b.
func houseNumber(w *plain.Word) bool {
	n := len(w.Text)
	if n < 2 || n > 5 || w.Kind != plain.Letters {
		return false
	}
	for i := range n - 1 {
		if !isDigit(w.Text[i]) {
			return false
		}
	}
	return w.Text[n-1] >= 'a' && w.Text[n-1] <= 'd'
}

func (a *atlas) isHouse(i int) bool {
	if i < 0 || i >= len(a.words) {
		return false
	}
	w := &a.words[i]
	return w.Kind == plain.Number && len(w.Text) <= 5 && !a.continuesNumber(i) || houseNumber(w)
}

func (a *atlas) isHouseOr(i, j int) bool { return a.isHouse(i) || a.isHouse(j) }

// continuesNumber reports whether a number is a part of a time, a date or a sum.
func (a *atlas) continuesNumber(i int) bool {
	joined := func(j int) bool {
		return j >= 0 && j < len(a.words) && a.words[j].Kind == plain.Sign && joins[a.words[j].Text] && (a.words[j].To == a.words[i].From || a.words[j].From == a.words[i].To)
	}
	if joined(i - 1) {
		return true
	}
	return joined(i+1) && i+2 < len(a.words) && a.words[i+2].Kind == plain.Number && a.words[i+2].From == a.words[i+1].To
}

// fromNumber reads what follows a number: a name and a kind of way, or a name and another number.
func (a *atlas) fromNumber(i int) int {
	if len(a.words[i].Text) > 6 || a.continuesNumber(i) {
		return i
	}
	names, capitals := 0, 0
	for j := i + 1; j < len(a.words) && names <= 4; j++ {
		w := &a.words[j]
		switch {
		case w.Kind == plain.Sign:
			if w.Text != "." && w.Text != "'" && w.Text != "-" {
				return i
			}
		case a.isWay(w, names) || ways[w.Text] && names > 0 && a.lead(i):
			return j + 1
		case waysBefore[w.Text] && (w.Upper || a.lower || names == 0):
			return j + 1
		case a.endsInWay(w.Text) && w.Upper:
			return j + 1
		case w.Kind == plain.Number:
			if names > 0 && capitals == names && len(w.Text) <= 5 && len(a.words[i].Text) >= 2 && !a.continuesNumber(j) {
				return j + 1
			}
			if names > 0 || j > i+1 {
				return i
			}
			// Two numbers in a row, of a house and of a road.
		case counts[w.Text] || w.Kind == plain.Picture:
			return i
		default:
			names++
			if w.Upper || ordinal(w.Text) {
				capitals++
			} else if !a.lower && names > 1 && !a.lead(i) {
				return i
			}
		}
	}
	return i
}

// isWay reports whether a word after a number and some names is a kind of way.
func (a *atlas) isWay(w *plain.Word, names int) bool {
	return ways[w.Text] && names > 0 && (w.Upper || a.lower)
}

func ordinal(word string) bool {
	return isDigit(word[0]) && (strings.HasSuffix(word, "th") || strings.HasSuffix(word, "st") || strings.HasSuffix(word, "nd") || strings.HasSuffix(word, "rd"))
}

// numberAfterName reads a number within some words behind a kind of way.
func (a *atlas) numberAfterName(i, reach int) int {
	capitals := 0
	for j := i + 1; j < len(a.words) && j <= i+reach; j++ {
		w := &a.words[j]
		switch {
		case a.isHouse(j) && capitals > 0:
			return j + 1
		case w.Kind == plain.Letters && (w.Upper || a.lower):
			if counts[w.Text] && !w.Upper {
				return i
			}
			capitals++
		case w.Kind == plain.Letters && len(w.Text) <= 4:
		case w.Text == "." || w.Text == "'" || w.Text == "-" || w.Text == ",":
		default:
			return i
		}
	}
	return i
}

// box reads the number of a box at a post office.
func (a *atlas) box(i int) int {
	if !a.isHouse(i + 1) {
		return i
	}
	for j := max(0, i-6); j < i; j++ {
		switch a.words[j].Text {
		case "po", "p", "unit", "psc", "cmr", "postal":
			return i + 2
		}
	}
	return i
}

// room reads the number of a flat, where there is the one of a house before it.
func (a *atlas) room(i int) int {
	next := i + 1
	if next < len(a.words) && a.words[next].Text == "." {
		next++
	}
	if !a.isHouse(next) {
		return i
	}
	for j := max(0, i-7); j < i; j++ {
		if a.isHouse(j) {
			return next + 1
		}
	}
	return i
}

// led finds a number beside a name where the words before it lead to an address.
func (a *atlas) led(i int) int {
	if i < 2 || !a.words[i].Upper && !a.lower || counts[a.words[i].Text] {
		return i
	}
	names := i
	for names < len(a.words) && names < i+4 && (a.words[names].Kind == plain.Letters && (a.words[names].Upper || a.lower && !counts[a.words[names].Text]) || a.words[names].Text == "." || a.words[names].Text == "'") {
		names++
	}
	if !a.isHouse(names) && !a.isHouse(i-1) {
		return i
	}
	if a.isHouse(names) && a.lead(i) {
		return names + 1
	}
	if a.isHouse(i-1) && a.lead(i-1) && a.words[i].Upper {
		return names
	}
	return i
}

// lead reports whether the words before i lead to an address.
func (a *atlas) lead(i int) bool {
	var b strings.Builder
	for j := max(0, i-4); j < i; j++ {
		if a.words[j].Kind == plain.Letters {
			b.WriteString(a.words[j].Text)
			b.WriteByte(' ')
		}
	}
	said := strings.TrimSuffix(strings.TrimSuffix(b.String(), " "), " the")
	for _, l := range leads {
		if strings.HasSuffix(said, l) {
			return true
		}
	}
	return false
}
