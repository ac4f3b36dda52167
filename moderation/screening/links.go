package screening

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"carecollective/moderation/screening/internal/plain"
)

const maxLinks = 16 // links of a text are checked; nobody needs more in a message

// link is an address in a text, taken apart.
type link struct {
	start, end int
	scheme     string // as written; empty if none was
	user       string
	host       string // lower case, without port
	path       string
}

// suspicion is what is wrong with a link.
type suspicion struct {
	confidence float64
	why        string
}

const (
	deceives = 0.97 // nobody writes an address like that by accident
	hides    = 0.8
	smells   = 0.6
)

// links looks for addresses that pretend to be others, hide where they lead, or load a program.
func (s *Screener) links(text string) []Finding {
	var found []Finding
	add := func(start, end int, what suspicion) {
		blocks := what.confidence >= deceives
		found = append(found, Finding{Category: SuspiciousLink, Start: start, End: end, Confidence: what.confidence, why: what.why, blocks: blocks})
	}
	if start, end, ok := defanged(text); ok {
		add(start, end, suspicion{hides, "a link is written so that filters do not see it"})
	}
	if start, end, ok := runsScript(text); ok {
		add(start, end, suspicion{deceives, "a link would run a script instead of opening a page"})
	}
	if start, end, ok := mislabelled(text); ok {
		add(start, end, suspicion{deceives, "a link says one address and leads to another"})
	}
	seen := 0
	for at := 0; at < len(text) && seen < maxLinks; {
		l, next := nextLink(text, at)
		at = next
		if l.host == "" {
			continue
		}
		seen++
		if what := s.suspect(l); what.confidence > 0 {
			add(l.start, l.end, what)
		}
	}
	return found
}

// nextLink finds the next piece of text that could be an address, and where to continue. Its host is empty if it is not an address.
func nextLink(text string, at int) (link, int) {
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		if !delimits(r) {
			break
		}
		at += size
	}
	end, dot := at, false
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		if delimits(r) {
			break
		}
		dot = dot || r == '.' || r == ':'
		end += size
	}
	if !dot {
		return link{}, end
	}
	l := parseLink(strings.TrimRight(text[at:end], ".,:;!?'*_~"))
	l.start, l.end = at, end
	return l, end
}

func delimits(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '<', '>', '(', ')', '[', ']', '{', '}', '"', ',', ';', '|':
		return true
	}
	return r >= utf8.RuneSelf && unicode.IsSpace(r)
}

// parseLink parses an address; the host is empty if it is not an address.
func parseLink(word string) link {
	var l link
	rest := word
	if before, after, ok := strings.Cut(word, "://"); ok {
		l.scheme, rest = strings.ToLower(before), after
	}
	authority := rest
	if i := strings.IndexAny(rest, "/?#\\"); i >= 0 {
		authority, l.path = rest[:i], rest[i:]
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		if l.scheme == "" {
			return link{} // an e-mail address
		}
		l.user, authority = authority[:i], authority[i+1:]
	}
	if i := strings.LastIndexByte(authority, ':'); i >= 0 {
		authority = authority[:i]
	}
	host := strings.TrimSuffix(strings.ToLower(authority), ".")
	if l.scheme != "" && host != "" || isHost(host) {
		l.host = host
	}
	return l
}

// isHost reports whether a word without a scheme is the name of a host: its end must be one that exists.
func isHost(word string) bool {
	i := strings.LastIndexByte(word, '.')
	if i <= 0 || i == len(word)-1 || len(word) > 253 || strings.Contains(word, "..") {
		return false
	}
	if _, err := netip.ParseAddr(word); err == nil {
		return true
	}
	for _, r := range word {
		if r != '.' && r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	suffix, icann := publicsuffix.PublicSuffix(word)
	return icann && suffix != word || strings.Contains(suffix, ".")
}

// suspect returns what is wrong with a link, if anything.
func (s *Screener) suspect(l link) suspicion {
	if s.hosts[registrable(l.host)] || s.hosts[l.host] {
		return suspicion{deceives, "it contains a link that this community does not allow"}
	}
	if l.user != "" {
		return suspicion{deceives, "a link names one address in front and leads to another behind the @"}
	}
	if what := numeric(l); what.confidence > 0 {
		return what
	}
	host, disguised := unmask(l.host)
	if disguised {
		return suspicion{deceives, "an address contains letters that only look like the real ones"}
	}
	if what := impersonates(host); what.confidence > 0 {
		return what
	}
	if shorteners[strings.TrimPrefix(host, "www.")] {
		return suspicion{hides, "a shortened link does not show where it leads; please write the whole address"}
	}
	if runs(l.path) {
		return suspicion{hides, "a link leads to a program, which could harm a device"}
	}
	return baited(host)
}

// numeric finds hosts that are numbers, in any notation.
func numeric(l link) suspicion {
	host := l.host
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		if addr.IsPrivate() || host == "127.0.0.1" || l.scheme == "" && l.path == "" {
			return suspicion{} // of one's own network, or no link
		}
		return suspicion{hides, "an address is a bare number instead of a name"}
	}
	if host == "" || strings.Trim(host, "0123456789.x") != "" && strings.Trim(host, "0123456789abcdefx.") != "" {
		return suspicion{}
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if strings.HasPrefix(host, "0x") || strings.Trim(last, "0123456789") == "" {
		return suspicion{deceives, "an address is written as a number to hide what it is"}
	}
	return suspicion{}
}

// unmask decodes a host and reports whether it mixes alphabets, or cannot be decoded at all.
func unmask(host string) (string, bool) {
	if strings.Contains(host, "xn--") {
		decoded, err := idna.Lookup.ToUnicode(host)
		if err != nil {
			return host, true
		}
		host = decoded
	}
	ascii := true
	for i := range len(host) {
		ascii = ascii && host[i] < utf8.RuneSelf
	}
	if ascii {
		return host, false
	}
	for label := range strings.SplitSeq(host, ".") {
		if mixed(label) {
			return host, true
		}
	}
	latin, changed := plain.Latin(host)
	core, _ := parts(latin)
	if b := exactBrand(core); b != nil && (changed || latin != host) {
		return latin, true
	}
	return host, false
}

// mixed reports whether a label contains Latin letters and others.
func mixed(label string) bool {
	latin, other := false, false
	for _, r := range label {
		switch {
		case unicode.Is(unicode.Latin, r):
			latin = true
		case unicode.IsLetter(r), unicode.IsSymbol(r), unicode.Is(unicode.M, r):
			other = true
		}
	}
	return latin && other
}

func exactBrand(core string) *brand {
	for i := range brands {
		if brands[i].name == core {
			return &brands[i]
		}
	}
	return nil
}

// registrable is the part of a host that someone had to register.
func registrable(host string) string {
	if name, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return name
	}
	return host
}

// parts are the name that someone registered, without its ending, and what stands before it.
func parts(host string) (core, before string) {
	name := registrable(host)
	suffix, _ := publicsuffix.PublicSuffix(host)
	core = strings.TrimSuffix(name, "."+suffix)
	return core, strings.TrimSuffix(strings.TrimSuffix(host, name), ".")
}

// baited finds hosts of nobody in particular that are made of the words of those who set traps. Unknown hosts are let through.
func baited(host string) suspicion {
	name := registrable(host)
	free := false
	for platform := range freeHosts {
		if strings.HasSuffix(host, "."+platform) {
			free, name = true, strings.TrimSuffix(host, "."+platform)
			break
		}
	}
	suffix := name[strings.LastIndexByte(name, '.')+1:]
	if free {
		suffix = ""
	} else {
		name, _ = parts(host)
	}
	if official[name] {
		return suspicion{}
	}
	cheap := free || cheapEndings[suffix]
	hooked, lured, edges := counted(name, hooks), counted(name, lures), atEdges(name, crypts)
	switch {
	case lured >= 2,
		lured == 1 && (cheap || hooked+edges > 0 || counted(name, bait) > 0),
		edges >= 1 && hooked+edges >= 2 && (cheap || hooked > 0),
		edges >= 1 && (counted(name, crypts) >= 3 || counted(name, crypts) >= 2 && cheap),
		hooked >= 1 && counted(name, bait) >= 3 && cheap,
		hooked >= 2 && cheap:
		return suspicion{smells, "an address is made of words that fraudsters use"}
	}
	return suspicion{}
}

// counted is how many of the words stand in a name.
func counted(name string, words []string) int {
	n := 0
	for _, w := range words {
		if strings.Contains(name, w) {
			n++
		}
	}
	return n
}

// atEdges is how many of the words begin or end one of the parts of a name that hyphens and dots tell apart.
func atEdges(name string, words []string) int {
	n := 0
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '-' || r == '.' }) {
		for _, w := range words {
			if strings.HasPrefix(part, w) || strings.HasSuffix(part, w) {
				n++
			}
		}
	}
	return n
}

// runs reports whether a path leads to a program, or to a script that hides behind another ending.
func runs(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	path, _, _ = strings.Cut(path, "#")
	file := strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
	pieces := strings.Split(file, ".")
	if len(pieces) < 2 {
		return false
	}
	last := pieces[len(pieces)-1]
	if executables[last] {
		return true
	}
	return len(pieces) > 2 && last == "js" && pieces[len(pieces)-2] != "min" && len(pieces[len(pieces)-2]) <= 4
}

// defanged finds an address that is broken up so that it is not taken for one.
func defanged(text string) (start, end int, ok bool) {
	for _, sign := range [...]string{"hxxp", "[.]", "(.)", "[dot]", "(dot)"} {
		if i := indexFold(text, sign); i >= 0 && (sign == "hxxp" || attached(text, i, sign)) {
			return i, i + len(sign), true
		}
	}
	return 0, 0, false
}

// runsScript finds an address that is no address but a program.
func runsScript(text string) (start, end int, ok bool) {
	for _, scheme := range [...]string{"javascript:", "vbscript:", "data:text/html", "data:application/"} {
		i := indexFold(text, scheme)
		if rest := i + len(scheme); i >= 0 && rest < len(text) && text[rest] != ' ' && (i == 0 || !isWordByte(text[i-1])) {
			return i, rest, true
		}
	}
	return 0, 0, false
}

func isWordByte(b byte) bool { return isAlnum(b | 0x20) }

// attached reports whether a sign stands right between letters, and not after an @: e-mail addresses are written like that.
func attached(text string, at int, sign string) bool {
	if at == 0 || at+len(sign) >= len(text) || text[at-1] == ' ' || text[at+len(sign)] == ' ' {
		return false
	}
	word := text[strings.LastIndexByte(text[:at], ' ')+1 : at]
	return !strings.ContainsAny(word, "@") && indexFold(word, "[at]") < 0 && indexFold(word, "(at)") < 0
}

// indexFold is strings.Index for a sign of ASCII in any case.
func indexFold(text, sign string) int {
	for i := 0; i+len(sign) <= len(text); i++ {
		if text[i]|0x20 == sign[0]|0x20 && strings.EqualFold(text[i:i+len(sign)], sign) {
			return i
		}
	}
	return -1
}

// longestLink is how many bytes a link, or the text shown for one, may have to be looked at.
const longestLink = 512

// mislabelled finds a link in the notation [text](address) of which the text is another address.
func mislabelled(text string) (start, end int, ok bool) {
	for at := 0; ; {
		i := strings.Index(text[at:], "](")
		if i < 0 {
			return 0, 0, false
		}
		i += at
		at = i + 2
		near := max(0, i-longestLink)
		from, to := strings.LastIndexByte(text[near:i], '['), strings.IndexByte(text[i:min(len(text), i+longestLink)], ')')
		if from < 0 || to < 0 {
			continue
		}
		from += near
		shown, target := parseLink(strings.TrimSpace(text[from+1:i])), parseLink(text[i+2:i+to])
		if shown.host != "" && target.host != "" && registrable(shown.host) != registrable(target.host) {
			return from, i + to + 1, true
		}
	}
}
