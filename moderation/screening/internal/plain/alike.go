package plain

import (
	"strings"
)

// lookAlike are the letters of other alphabets that are drawn like a Latin one.
var lookAlike = pairs(
	// Cyrillic
	"аa", "вb", "ьb", "ъb", "сc", "ԁd", "еe", "єe", "ёe", "ғf", "ԍg", "һh", "нh", "іi", "їi", "ӏl", "јj", "кk", "қk", "ӄk", "мm", "пn", "ոn", "оo", "рp", "ԛq",
	"гr", "ѕs", "тt", "цu", "ѵv", "ԝw", "шw", "щw", "хx", "ҳx", "уy", "үy", "зz", "яr", "иn", "ԥp", "ҝk", "ԃd",
	// Greek
	"αa", "βb", "ϲc", "δd", "εe", "ηn", "ιi", "κk", "λl", "μm", "νv", "οo", "ρp", "σo", "ςs", "τt", "υu", "χx", "γy", "ωw", "ζz", "ϳj", "ϝf", "θo",
	// Armenian
	"ցg", "հh", "օo", "յj", "սu", "զq", "տs", "քp", "եt", "ւi", "ղn", "ռn", "լl", "ա\u0077",
	// Cherokee and Lisu, as they are folded
	"ꭺa", "ꮯc", "ꭼe", "ꮋh", "ꭻj", "ꮶk", "ꮮl", "ꮇm", "ꮲp", "ꭱr", "ꮪs", "ꭲi", "ꮤw", "ꮓz", "ꓮa", "ꓐb", "ꓚc", "ꓓd", "ꓰe", "ꓝf", "ꓖg", "ꓧh", "ꓲi", "ꓙj", "ꓗk", "ꓡl", "ꓟm",
	"ꓠn", "ꓳo", "ꓑp", "ꓣr", "ꓢs", "ꓔt", "ꓴu", "ꓦv", "ꓪw", "ꓫx", "ꓬy", "ꓜz",
)

// Latin is a text with every letter that looks like a Latin one, of whatever alphabet, replaced by that, and whether
// there was any.
func Latin(text string) (latin string, changed bool) {
	f := &folder{original: text}
	f.fold()
	var b strings.Builder
	for _, l := range f.letters {
		if r, ok := lookAlike[l.r]; ok {
			l.r, changed = r, true
		}
		b.WriteRune(l.r)
	}
	return b.String(), changed
}

func pairs(list ...string) map[rune]rune {
	m := make(map[rune]rune, len(list))
	for _, pair := range list {
		r := []rune(pair)
		m[r[0]] = r[1]
	}
	return m
}

// stylised are characters that no decomposition of Unicode leads back to the letters they are read as.
var stylised = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ø': "o", 'Ø': "o", 'ł': "l", 'Ł': "l", 'đ': "d", 'Đ': "d", 'ð': "d", 'þ': "th",
	'ı': "i", 'ȷ': "j", 'ħ': "h", 'ŧ': "t", 'ŋ': "n", 'ƒ': "f", 'ɑ': "a", 'ɐ': "a", 'ɒ': "a", 'ɓ': "b", 'ɔ': "c", 'ɗ': "d", 'ɖ': "d", 'ə': "e", 'ɛ': "e",
	'ɜ': "e", 'ɡ': "g", 'ɢ': "g", 'ɠ': "g", 'ɦ': "h", 'ɨ': "i", 'ɩ': "i", 'ɪ': "i", 'ʝ': "j", 'ɭ': "l", 'ɫ': "l", 'ɱ': "m", 'ɯ': "m", 'ɲ': "n", 'ɳ': "n",
	'ɴ': "n", 'ɵ': "o", 'ʀ': "r", 'ɹ': "r", 'ʂ': "s", 'ʃ': "s", 'ʈ': "t", 'ʇ': "t", 'ʉ': "u", 'ʋ': "v", 'ʌ': "v", 'ʍ': "w", 'ʏ': "y", 'ʎ': "y", 'ʐ': "z",
	'ʟ': "l", 'ʜ': "h", 'ʙ': "b", 'ᴀ': "a", 'ᴄ': "c", 'ᴅ': "d", 'ᴇ': "e", 'ᴊ': "j", 'ᴋ': "k", 'ᴍ': "m", 'ᴏ': "o", 'ᴘ': "p", 'ᴛ': "t", 'ᴜ': "u", 'ᴠ': "v",
	'ᴡ': "w", 'ᴢ': "z", 'ꜰ': "f", 'ꜱ': "s", 'ƚ': "l", 'ɾ': "r", 'ƙ': "k", 'ƈ': "c", 'ƅ': "b", 'ɋ': "q", 'ⱥ': "a", 'ɇ': "e", 'ɟ': "j", 'ȼ': "c", 'ƭ': "t",
	'🅰': "a", '🅱': "b", '🅾': "o", '🅿': "p", '🆎': "ab", '🆑': "cl",
	'¡': "i", '’': "'", '‘': "'", 'ʼ': "'", '`': "'", '–': "-", '—': "-", '‐': "-", '‑': "-", '−': "-", '“': "\"", '”': "\"", '«': "\"", '»': "\"",
}

// capitalsInBoxes are the four rows of Latin capitals in circles and squares.
var capitalsInBoxes = []rune{'\U0001F130', '\U0001F150', '\U0001F170'}

func init() {
	for _, first := range capitalsInBoxes {
		for i := rune(0); i < 26; i++ {
			if _, ok := stylised[first+i]; !ok {
				stylised[first+i] = string('a' + i)
			}
		}
	}
}
