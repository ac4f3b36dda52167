package screening

import (
	"strings"
)

// coded finds numbers that contain letters: IBANs and identity numbers with a check letter.
func (p *personal) coded() {
	for i := 0; i < len(p.folded); {
		if !isAlnum(p.folded[i]) || i > 0 && isAlnum(p.folded[i-1]) {
			i++
			continue
		}
		i = max(i+1, p.code(i))
	}
}

// code checks what begins at i, and returns where it ends if it is a code.
func (p *personal) code(i int) int {
	if to := iban(p.folded, i); to > 0 {
		p.add(anAccount, i, to, 0.95)
		return to
	}
	if to := checkedID(p.folded, i); to > 0 {
		p.add(anIdentity, i, to, 0.95)
		return to
	}
	if to := token(p.folded, i); to-i >= 6 && mostlyDigits(p.folded[i:to]) && about(p.before(i), "license", "licence", "passport", "dni", "nie", "nino", "driver", "tax id") {
		p.add(anIdentity, i, to, 0.8)
		return to
	}
	return 0
}

func token(s string, i int) int {
	for i < len(s) && isAlnum(s[i]) {
		i++
	}
	return i
}

func mostlyDigits(s string) bool {
	n := 0
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n >= 5 && n*2 > len(s)
}

// ibanLengths are how long the IBANs of each country are.
var ibanLengths = map[string]int{
	"ad": 24, "ae": 23, "al": 28, "at": 20, "az": 28, "ba": 20, "be": 16, "bg": 22, "bh": 22, "br": 29, "by": 28, "ch": 21, "cr": 22, "cy": 28, "cz": 24, "de": 22, "dk": 18, "do": 28, "ee": 20, "eg": 29,
	"es": 24, "fi": 18, "fo": 18, "fr": 27, "gb": 22, "ge": 22, "gi": 23, "gl": 18, "gr": 27, "gt": 28, "hr": 21, "hu": 28, "ie": 22, "il": 23, "iq": 23, "is": 26, "it": 27, "jo": 30, "kw": 30, "kz": 20,
	"lb": 28, "li": 21, "lt": 20, "lu": 20, "lv": 21, "mc": 27, "md": 24, "me": 22, "mk": 19, "mr": 27, "mt": 31, "mu": 30, "nl": 18, "no": 15, "pk": 24, "pl": 28, "ps": 29, "pt": 25, "qa": 29, "ro": 24,
	"rs": 22, "sa": 24, "sc": 31, "se": 24, "si": 19, "sk": 24, "sm": 27, "tn": 24, "tr": 26, "ua": 29, "va": 22, "vg": 24, "xk": 20,
}

// iban returns where the IBAN that begins at i ends; 0 if there is none.
func iban(s string, i int) int {
	if i+15 > len(s) || isDigit(s[i]) || isDigit(s[i+1]) || !isDigit(s[i+2]) || !isDigit(s[i+3]) {
		return 0
	}
	length := ibanLengths[s[i:i+2]]
	if length == 0 {
		return 0
	}
	var b [34]byte
	n, j := 0, i
	for ; j < len(s) && n < length; j++ {
		if isAlnum(s[j]) {
			b[n] = s[j]
			n++
		} else if s[j] != ' ' && s[j] != '-' {
			return 0
		}
	}
	if n < length || j < len(s) && isAlnum(s[j]) || !mod97(b[:n]) {
		return 0
	}
	return j
}

// mod97 checks an IBAN: with its first four characters at the end and letters counted from 10, it is 1 modulo 97.
func mod97(b []byte) bool {
	rest := 0
	for i := range b {
		c := b[(i+4)%len(b)]
		if isDigit(c) {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'a') + 10) % 97
		}
	}
	return rest == 1
}

// checkedID tells where a Spanish DNI or NIE, or a British national insurance number, that begins at i ends; 0 if none does.
func checkedID(s string, i int) int {
	if to := dni(s, i); to > 0 {
		return to
	}
	return nino(s, i)
}

const dniLetters = "trwagmyfpdxbnjzsqvhlcke"

func dni(s string, i int) int {
	to := token(s, i)
	word := s[i:to]
	if len(word) == 8 && to+1 < len(s) && s[to] == '-' && token(s, to+1) == to+2 {
		word, to = word+s[to+1:to+2], to+2
	}
	if len(word) != 9 {
		return 0
	}
	digits := word[:8]
	if k := strings.IndexByte("xyz", digits[0]); k >= 0 {
		digits = "012"[k:k+1] + digits[1:]
	}
	number := 0
	for j := range 8 {
		if !isDigit(digits[j]) {
			return 0
		}
		number = number*10 + int(digits[j]-'0')
	}
	if dniLetters[number%23] != word[8] {
		return 0
	}
	return to
}

func nino(s string, i int) int {
	const form = "aa999999a"
	n, j := 0, i
	for ; j < len(s) && n < len(form); j++ {
		switch {
		case form[n] == '9' && isDigit(s[j]), form[n] == 'a' && s[j] >= 'a' && s[j] <= 'z':
			n++
		case s[j] == ' ' && n >= 2 && (n-2)%2 == 0:
		default:
			return 0
		}
	}
	if n < len(form) || j < len(s) && isAlnum(s[j]) || s[j-1] > 'd' {
		return 0
	}
	return j
}
