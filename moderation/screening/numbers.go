package screening

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// run is a run of digits and what people put between them.
type run struct {
	from, to int
	digits   string
	groups   []string
	plus     bool
	seps     string // the separators, each once
}

// mostDigits is more than any number has that tells anything about a person.
const mostDigits = 34

// numbers looks at all runs of digits.
func (p *personal) numbers() {
	for i := 0; i < len(p.folded); {
		c := p.folded[i]
		if !isDigit(c) && c != '+' && c != '(' || i > 0 && (isAlnum(p.folded[i-1]) || p.folded[i-1] == '#' || p.folded[i-1] == '$') {
			i++
			continue
		}
		r := p.run(i)
		if len(r.digits) >= 6 {
			p.judge(r)
		}
		i = max(r.to, i+1)
	}
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// run reads the run of digits that begins at i.
func (p *personal) run(i int) run {
	r := run{from: i, to: i}
	var digits strings.Builder
	start, gap := -1, 0
	for j := i; j < len(p.folded); j++ {
		c := p.folded[j]
		if isDigit(c) {
			if start < 0 {
				start = j
			}
			digits.WriteByte(c)
			gap = 0
			r.to = j + 1
			continue
		}
		if start >= 0 {
			r.groups = append(r.groups, p.folded[start:j])
			start = -1
		}
		gap++
		if gap > 2 || strings.IndexByte(" -./()+", c) < 0 || digits.Len() > mostDigits || c == '+' && j > i {
			break
		}
		r.plus = r.plus || c == '+'
		if strings.IndexByte(r.seps, c) < 0 {
			r.seps += string(c)
		}
	}
	if start >= 0 {
		r.groups = append(r.groups, p.folded[start:r.to])
	}
	r.digits = digits.String()
	return r
}

// judge returns what kind of number a run of digits is, if it is personal.
func (p *personal) judge(r run) {
	before := p.before(r.from)
	n := len(r.digits)
	attachedLetter := r.to < len(p.folded) && p.folded[r.to] >= 'a' && p.folded[r.to] <= 'z' && p.folded[r.to] != 'x' && p.folded[r.to] != 'e'
	switch {
	case isCard(r) || n >= 12 && n <= 19 && about(before, "card", "visa", "mastercard", "amex", "cc", "credit") && !about(before, "case"):
		p.add(aCard, r.from, r.to, 0.95)
	case isSocialSecurity(r, before):
		p.add(anIdentity, r.from, r.to, 0.9)
	case isAccount(r, before):
		p.add(anAccount, r.from, r.to, 0.85)
	case n >= 6 && about(before, "ssn", "social", "passport", "tax", "nino", "dni", "licence", "license", "national", "nhs", "identity"):
		p.add(anIdentity, r.from, r.to, 0.8)
	case !attachedLetter && p.isPhone(r, before):
		p.add(aPhone, r.from, r.to, 0.85)
	}
}

// before is what stands in front of a position, as far as it can tell what a number means.
func (p *personal) before(at int) string {
	const reach = 36
	return p.folded[max(0, at-reach):at]
}

// about reports whether one of the words stands in a text.
func about(text string, words ...string) bool {
	for _, w := range words {
		for at := 0; ; {
			i := strings.Index(text[at:], w)
			if i < 0 {
				break
			}
			i += at
			at = i + len(w)
			if (i == 0 || !isAlnum(text[i-1])) && (at == len(text) || !isAlnum(text[at]) || text[at] == 's') {
				return true
			}
		}
	}
	return false
}

// isCard reports whether the digits are those of a payment card.
func isCard(r run) bool {
	n := len(r.digits)
	if n < 12 || n > 19 || !luhn(r.digits) || strings.Trim(r.seps, " -") != "" {
		return false
	}
	first := r.digits[0]
	if first >= '2' && first <= '6' || strings.HasPrefix(r.digits, "1800") {
		return n >= 13 || len(r.groups) == 1
	}
	return false
}

func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// isSocialSecurity reports whether it is a number of the United States' social security, by its shape and range.
func isSocialSecurity(r run, before string) bool {
	if len(r.digits) != 9 || about(before, "order", "ref", "case", "tracking", "invoice", "ticket") {
		return false
	}
	area := r.digits[:3]
	if area == "000" || area == "666" || r.digits[3:5] == "00" || r.digits[5:] == "0000" {
		return false
	}
	shaped := len(r.groups) == 3 && len(r.groups[0]) == 3 && len(r.groups[1]) == 2 && (r.seps == "-" || r.seps == " ")
	return shaped && (area[0] != '9' || r.seps == "-")
}

// isAccount reports whether it is a routing number, a sort code or the number of an account.
func isAccount(r run, before string) bool {
	n := len(r.digits)
	switch {
	case about(before, "routing") && n == 9:
		return aba(r.digits)
	case about(before, "sort code", "sortcode"):
		return n == 6
	case about(before, "account number", "account no", "account nr", "acct", "iban", "bank account"):
		return n >= 6 && n <= 24
	}
	return false
}

// aba checks the routing number of a bank.
func aba(digits string) bool {
	sum := 0
	for i, weight := range []int{3, 7, 1, 3, 7, 1, 3, 7, 1} {
		sum += weight * int(digits[i]-'0')
	}
	return sum%10 == 0
}

// mostLookups is how many numbers of a text the phone library is asked about: it takes its time.
const mostLookups = 3

// isPhone reports whether someone can be called at a number.
func (p *personal) isPhone(r run, before string) bool {
	n := len(r.digits)
	if n < 6 || n == 6 && !calls(before) || n > 15 || isDate(r) || about(lastWords(before), notPhones...) {
		return false
	}
	if r.seps == "." && len(r.groups) == 4 && n < 12 && len(r.groups[0]) != 2 {
		return false // an IP address
	}
	if calls(before) || r.plus || about(p.folded[r.to:min(len(p.folded), r.to+18)], "is my cell", "is my phone", "is my number", "is my mobile", "my cell", "my mobile") {
		return true
	}
	if shapedLikePhone(r) {
		return true
	}
	if strings.Contains(r.seps, "/") || n < 9 {
		return false
	}
	return p.valid(r)
}

// notPhones are the words after which a number counts or names a thing.
var notPhones = []string{
	"order", "ref", "reference", "case", "tracking", "isbn", "serial", "flight", "room", "page", "pages", "chapter", "batch", "version", "model", "invoice", "ticket", "wrote", "raised", "served",
	"score", "was", "part", "item", "sku", "build", "parcel", "lot", "file", "claim", "zip", "barcode", "code", "docket", "permit", "plate",
}

// lastWords are the two words before a number.
func lastWords(before string) string {
	trimmed := strings.TrimRight(before, " :#.-(")
	i := strings.LastIndexByte(trimmed, ' ')
	if i < 0 {
		return trimmed
	}
	if j := strings.LastIndexByte(trimmed[:i], ' '); j >= 0 {
		return trimmed[j:]
	}
	return trimmed
}

// calls reports whether the words before a number speak of calling.
func calls(before string) bool {
	return about(before[max(0, len(before)-24):], "phone", "tel", "mobile", "mob", "cell", "fax", "desk", "call", "text me", "text", "ring", "whatsapp", "voicemail", "telephone", "telefono", "handy", "signal", "sms", "landline", "hotline", "answering", "reach", "numero", "phone number", "contact")
}

// isDate reports whether the groups are those of a date.
func isDate(r run) bool {
	if len(r.groups) != 3 || strings.Contains(r.seps, " ") {
		return false
	}
	a, b, c := len(r.groups[0]), len(r.groups[1]), len(r.groups[2])
	return a <= 2 && b <= 2 && (c == 4 || c == 2) || a == 4 && b <= 2 && c <= 2
}

// shapedLikePhone reports whether the digits are grouped as nothing else is.
func shapedLikePhone(r run) bool {
	g := r.groups
	size := func(i int) int { return len(g[i]) }
	switch len(g) {
	case 2:
		return size(0) == 3 && size(1) == 4 && (r.seps == "-" || r.seps == ".") || size(0) == 5 && size(1) == 6 && g[0][0] == '0'
	case 3:
		return size(0) == 3 && size(1) == 3 && size(2) == 4 && g[0][0] >= '2' || size(0) == 1 && size(1) == 3 && size(2) == 7
	case 4:
		return size(0) == 1 && size(1) == 3 && size(2) == 3 && size(3) == 4
	case 5:
		return size(0) == 2 && size(1) == 2 && size(2) == 2 && size(3) == 2 && size(4) == 2 && g[0][0] == '0'
	}
	return false
}

// regions are where a number without a country code may belong.
var regions = []string{"US", "GB", "FR"}

func (p *personal) valid(r run) bool {
	for _, region := range regions {
		if p.lookups == mostLookups {
			return false
		}
		if !plausible(region, r.digits) {
			continue
		}
		p.lookups++
		number, err := phonenumbers.Parse(r.digits, region)
		if err == nil && phonenumbers.IsValidNumber(number) {
			return true
		}
	}
	return false
}

// plausible spares the library what cannot be a number of a region.
func plausible(region, digits string) bool {
	if region == "US" {
		return len(digits) == 10 && digits[0] >= '2' || len(digits) == 11 && digits[0] == '1'
	}
	return digits[0] == '0' && len(digits) >= 10 && len(digits) <= 11
}
