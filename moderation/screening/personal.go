package screening

import (
	"strings"

	"carecollective/moderation/screening/internal/plain"
)

// The kinds of personal data, as they are named to the writer.
const (
	anEmail    = "an e-mail address"
	aPhone     = "a phone number"
	anAddress  = "a street address"
	aCard      = "a card number"
	anAccount  = "a bank account"
	anIdentity = "an identity number"
)

// personalData looks for what tells where someone lives, how to reach them, or how to get at their money.
func personalData(t *plain.Text) []Finding {
	p := &personal{text: t, folded: t.Folded}
	p.emails()
	p.numbers()
	p.coded()
	p.addresses()
	return p.found
}

// personal collects the personal data of a text.
type personal struct {
	text    *plain.Text
	folded  string
	found   []Finding
	lookups int // how many numbers the phone library was asked about
}

func (p *personal) add(kind string, from, to int, confidence float64) {
	f := Finding{Category: PersonalData, Confidence: confidence, why: kind}
	f.Start, f.End = p.text.Span(from, to)
	p.found = append(p.found, f)
}

// emails finds e-mail addresses, written plainly or spelt out.
func (p *personal) emails() {
	for at := 0; ; {
		i := strings.IndexByte(p.folded[at:], '@')
		if i < 0 {
			break
		}
		i += at
		at = i + 1
		from, to := i, i+1
		for from > 0 && i-from < 64 && isMailbox(p.folded[from-1]) {
			from--
		}
		for to < len(p.folded) && to-i < 255 && (isAlnum(p.folded[to]) || p.folded[to] == '.' || p.folded[to] == '-') {
			to++
		}
		domain := strings.TrimRight(p.folded[i+1:to], ".-")
		if dot := strings.LastIndexByte(domain, '.'); from < i && dot > 0 && len(domain)-dot > 2 && !inLink(p.folded, from) {
			p.add(anEmail, from, i+1+len(domain), 0.95)
			at = i + len(domain)
		}
	}
	p.speltEmails()
}

// inLink reports whether what begins at a position is a part of a link.
func inLink(s string, from int) bool {
	return from > 0 && s[from-1] == '/'
}

func isAlnum(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' }

func isMailbox(b byte) bool { return isAlnum(b) || strings.IndexByte("._%+-", b) >= 0 }

// speltEmails finds "name at place dot org" and "name (at) place.org".
func (p *personal) speltEmails() {
	words := p.text.Words
	for i := 1; i+2 < len(words); i++ {
		if words[i].Text != "at" {
			continue
		}
		before, after := i-1, i+1
		bracketed := opens(words[before].Text) && closes(words[after].Text)
		if bracketed {
			before, after = before-1, after+1
		}
		if before < 0 || words[before].Kind == plain.Sign {
			continue
		}
		if to := p.speltDomain(after, bracketed); to > 0 {
			p.add(anEmail, words[before].From, to, 0.9)
		}
	}
}

func opens(s string) bool { return s == "(" || s == "[" || s == "{" || s == "<" }

func closes(s string) bool { return s == ")" || s == "]" || s == "}" || s == ">" }

// speltDomain tells where the domain that is spelt out from word i ends; 0 if there is none.
func (p *personal) speltDomain(i int, bracketed bool) int {
	words := p.text.Words
	end, dots := 0, 0
	for i < len(words) && words[i].Kind == plain.Letters {
		end = words[i].To
		next := i + 1
		if next < len(words) && opens(words[next].Text) {
			next++
		}
		if next >= len(words) || words[next].Text != "dot" && (!bracketed || !p.dotted(next)) {
			break
		}
		next++
		if next < len(words) && closes(words[next].Text) {
			next++
		}
		dots++
		i = next
	}
	if dots == 0 || end < words[min(i, len(words)-1)].From {
		return 0
	}
	return end
}

// dotted reports whether word i is a full stop with something right behind it.
func (p *personal) dotted(i int) bool {
	words := p.text.Words
	return words[i].Text == "." && i+1 < len(words) && words[i+1].From == words[i].To
}
