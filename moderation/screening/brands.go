package screening

import (
	"strings"
)

// name is a registered name, as brands are looked for in it.
type name struct {
	core    string // without its ending
	ending  string
	before  string // what stands in front of it
	plain   string // core, as it is compared
	tokens  []string
	alike   []string // the tokens, as they are compared
	baits   []bool   // which tokens hold bait
	hooked  bool
	touched bool // something in front of the core looks made up: a hyphen, or bait
}

// nameOf takes a host apart, once for all brands.
func nameOf(host string) name {
	n := name{}
	n.core, n.before = parts(host)
	n.ending = strings.TrimPrefix(registrable(host), n.core+".")
	n.plain = alike(n.core)
	n.hooked = counted(n.core, hooks) > 0
	n.touched = strings.Contains(n.core, "-") || counted(n.core, bait) > 0
	n.tokens = strings.Split(n.core, "-")
	for _, token := range n.tokens {
		n.alike = append(n.alike, alike(token))
		n.baits = append(n.baits, counted(token, bait) > 0)
	}
	return n
}

// impersonates reports whether a host pretends to be a brand's.
func impersonates(host string) suspicion {
	n := nameOf(host)
	for i := range brands {
		b := &brands[i]
		if n.core == b.name {
			if b.distinct && cheapEndings[n.ending] && !homeless(n.ending) || doubled(n.ending) {
				return suspicion{smells, "an address carries a well-known name under an unusual ending"}
			}
			return suspicion{}
		}
		if what := b.usedBy(&n); what.confidence > 0 && !official[n.core] {
			return what
		}
	}
	return suspicion{}
}

// homeless reports whether an ending is one under which brands do live.
func homeless(suffix string) bool {
	switch suffix {
	case "app", "info", "network", "art", "live", "store", "cloud", "link", "cc", "ru", "fund", "events":
		return suffix != "network" && suffix != "live" && suffix != "link"
	}
	return false
}

// doubled reports whether an ending only looks like one: ru.com, co.com, net.ru.
func doubled(suffix string) bool {
	switch suffix {
	case "ru.com", "co.com", "com.co", "net.ru", "org.ru", "com.ru", "us.com", "eu.com", "uk.com", "cn.com", "jpn.com":
		return true
	}
	return false
}

// usedBy reports whether a registered name, or what stands before it, makes use of the brand.
func (b *brand) usedBy(n *name) suspicion {
	named, whole := b.named(n.before)
	token, baited := b.isToken(n)
	switch {
	case whole, named && b.distinct && n.touched:
		return suspicion{deceives, "an address puts the name of a well-known service in front of another owner's"}
	case named && b.distinct && cheapEndings[n.ending]:
		return suspicion{hides, "an address puts the name of a well-known service in front of another owner's"}
	case n.plain == b.plain && len(b.name) > 3:
		return suspicion{deceives, "an address looks like that of a well-known service, but is another"}
	case token && n.hooked:
		return suspicion{deceives, "an address adds words to the name of a well-known service"}
	case token && (baited || b.distinct):
		return suspicion{hides, "an address adds words to the name of a well-known service"}
	case len(b.name) >= 6 && b.within(n):
		return suspicion{hides, "an address adds to the name of a well-known service"}
	case len(b.name) >= 6 && b.distinct && b.spoilt(n):
		return suspicion{hides, "an address is nearly that of a well-known service, but is another"}
	}
	return suspicion{}
}

// isToken reports whether the brand is one of several words of a name, and whether another one of them holds bait.
func (b *brand) isToken(n *name) (token, baited bool) {
	if len(n.tokens) < 2 {
		return false, false
	}
	for i, word := range n.tokens {
		if word == b.name || b.distinct && n.alike[i] == b.plain {
			token = true
		} else if n.baits[i] {
			baited = true
		}
	}
	return token, baited
}

// within reports whether a name holds the brand's. Ordinary words may be in many a name: they say something before bait alone.
func (b *brand) within(n *name) bool {
	if b.distinct {
		return strings.Contains(n.core, b.name) || strings.Contains(n.plain, b.plain)
	}
	rest, found := strings.CutPrefix(n.core, b.name)
	return found && counted(rest, hooks) > 0
}

// spoilt reports whether a name, or one of its words, is nearly the brand's.
func (b *brand) spoilt(n *name) bool {
	if b.misspelt(n.plain) || b.holdsSwapped(n.plain) {
		return true
	}
	for _, token := range n.alike {
		if len(n.tokens) > 1 && b.misspelt(token) {
			return true
		}
	}
	return false
}

// misspelt reports whether a name is nearly the brand's. The longer it is, the more may be wrong.
func (b *brand) misspelt(normal string) bool {
	most := 1
	switch {
	case len(b.plain) >= 12:
		most = 4
	case len(b.plain) >= 9:
		most = 2
	}
	return len(normal) > 4 && near(normal, b.plain, most)
}

// holdsSwapped reports whether a name contains the brand's with two neighbouring letters swapped, like dicsord: nobody's own
// word has that in it.
func (b *brand) holdsSwapped(normal string) bool {
	n := len(b.plain)
	for at := 0; n >= 6 && at+n <= len(normal); at++ {
		window := normal[at : at+n]
		i := 0
		for i < n && window[i] == b.plain[i] {
			i++
		}
		if i+1 < n && window[i] == b.plain[i+1] && window[i+1] == b.plain[i] && window[i+2:] == b.plain[i+2:] {
			return true
		}
	}
	return false
}

// named reports whether the brand stands before a registered name, and whether it does so as a whole address. By itself it
// may: discord.example.org is where many lead their own members.
func (b *brand) named(before string) (named, whole bool) {
	at := strings.Index(before, b.name)
	for at >= 0 {
		end := at + len(b.name)
		rest := before[end:]
		if (at == 0 || before[at-1] == '.' || before[at-1] == '-') && (rest == "" || rest[0] == '.' || rest[0] == '-') {
			named = true
			whole = whole || strings.HasPrefix(rest, ".com") || strings.HasPrefix(rest, ".org") || strings.HasPrefix(rest, ".gov") || strings.HasPrefix(rest, ".net")
		}
		next := strings.Index(rest, b.name)
		if next < 0 {
			break
		}
		at = end + next
	}
	return named, whole
}
