package text

import (
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// lookalikes lists, for a Latin letter, what is taken for it once accents, widths and case are gone: Latin letters
// with a stroke or hook and phonetic ones, then Cyrillic, Greek, Armenian, Cherokee and Lisu, then the digits and
// signs that people write instead. Where a capital and its small letter look different, the capital decides.
var lookalikes = map[rune]string{
	'a': "ɑᴀ" + "а" + "α" + "Ꭺ" + "ꓮ" + "4@",
	'b': "ʙɓ" + "вь" + "β" + "Ᏼ" + "ꓐ" + "8",
	'c': "ᴄↄ" + "с" + "Ꮯ" + "ꓚ" + "¢",
	'd': "đɗᴅð" + "ԁ" + "Ꭰ" + "ꓓ",
	'e': "ɛəᴇ" + "еєә" + "ε" + "Ꭼ" + "ꓰ" + "3€",
	'f': "ƒꜰ" + "ғ" + "ϝ" + "ꓝ",
	'g': "ɡɢɠ" + "ԍ" + "ց" + "Ꮐ" + "ꓖ" + "9",
	'h': "ħɦʜ" + "нһ" + "η" + "հ" + "Ꮋ" + "ꓧ",
	'j': "ɉᴊ" + "ј" + "ϳ" + "յ" + "Ꭻ" + "ꓙ",
	'k': "ƙĸᴋ" + "кқҝ" + "κ" + "Ꮶ" + "ꓗ",
	'l': "iıɩɪłƚɭʟǀ" + "іӏ" + "ι" + "Ꭵ" + "Ꮮ" + "ꓲꓡ" + "1|",
	'm': "ɱᴍ" + "м" + "μ" + "Ꮇ" + "ꓟ",
	'n': "ŋɲƞɴ" + "п" + "ν" + "ոռ" + "ꓠ",
	'o': "øɵᴏ" + "оѳө" + "οσθ" + "օ" + "ꓳ" + "0",
	'p': "þƥᴘ" + "р" + "ρ" + "Ꮲ" + "ꓑ",
	'q': "ʠ" + "ԛ" + "զգ",
	'r': "ɍɾɼʀ" + "гя" + "Ꭱ" + "Ꮢ" + "ꓣ",
	's': "ʂƨꜱ" + "ѕ" + "Ꮪ" + "ꓢ" + "5$",
	't': "ŧƭᴛ" + "т" + "τ" + "Ꭲ" + "ꓔ" + "7",
	'u': "ʉʋᴜ" + "и" + "ս" + "ꓴ",
	'v': "ᴠ" + "ѵ" + "Ꮩ" + "ꓦ",
	'w': "ɯᴡ" + "ԝшѡ" + "ω" + "ա" + "Ꮃ" + "ꓪ",
	'x': "хҳ" + "χ" + "ꓫ",
	'y': "ɣƴʏỿ" + "уү" + "γυ" + "ꓬ",
	'z': "ƶʐʑᴢ" + "ζ" + "Ꮓ" + "ꓜ" + "2",
}

// smallGreek are the lowercase letters whose own shape is another than their capital's.
var smallGreek = map[rune]rune{'η': 'n', 'ν': 'v', 'υ': 'u'}

var shapes = shapesOf(lookalikes)

// shapesOf turns the list round. It reads each sign folded, as it is looked up (the lowercase letters of Cherokee fold to
// its capitals).
func shapesOf(lists map[rune]string) map[rune]rune {
	shapes := map[rune]rune{}
	for letter, signs := range lists {
		for _, sign := range folded(signs) {
			shapes[sign] = letter
		}
	}
	return shapes
}

// folded takes the case and the ligatures away.
func folded(s string) string {
	return norm.NFKD.String(cases.Fold().String(norm.NFKD.String(s)))
}

// enclosed are the ranges of letters in circles, in squares and of flags, which do not fall apart by themselves.
var enclosed = []rune{0x1F150, 0x1F170, 0x1F1E6}

// shape is the Latin letter that the folded r is taken for, or r.
func shape(r rune) rune {
	for _, a := range enclosed {
		if r >= a && r < a+26 {
			r = r - a + 'a'
		}
	}
	if letter, ok := shapes[r]; ok {
		return letter
	}
	return r
}
