package text

import "testing"

func TestLooksLike(t *testing.T) {
	for name, row := range map[string]struct {
		a, b string
		want bool
	}{
		"the same name":                         {"Maria", "Maria", true},
		"another case":                          {"Maria", "mARIA", true},
		"another name":                          {"Maria", "Marta", false},
		"a longer name":                         {"Maria", "Maria K", false},
		"Cyrillic letters":                      {"Maria", "Мaгіа", true},
		"a name all in Cyrillic":                {"Capa", "Сара", true},
		"Greek letters":                         {"Anna", "Αnnα", true},
		"a small Greek letter in Latin":         {"Oliver", "Oliνer", true},
		"a Greek capital at the start":          {"Hanna", "Ηanna", true},
		"a Greek name in capitals":              {"Αννα", "ΑΝΝΑ", true},
		"a Greek name with accents":             {"Ελένη", "ελενη", true},
		"Armenian letters":                      {"Simon", "Simօn", true},
		"Cherokee letters":                      {"Maria", "Ꮇaria", true},
		"small capitals":                        {"Maria", "ᴍᴀʀɪᴀ", true},
		"full width":                            {"Maria", "Ｍａｒｉａ", true},
		"mathematical letters":                  {"Maria", "𝓜𝓪𝓻𝓲𝓪", true},
		"letters in circles":                    {"Maria", "Ⓜⓐⓡⓘⓐ", true},
		"letters in black squares":              {"Maria", "🅼🅰🆁🅸🅰", true},
		"letters of flags":                      {"Maria", "🇲🇦🇷🇮🇦", true},
		"accents":                               {"Jose", "José", true},
		"a letter with a stroke":                {"Soren", "Søren", true},
		"a ligature":                            {"Aeneas", "Æneas", true},
		"a sharp s":                             {"Strass", "Straß", true},
		"digits for letters":                    {"Oliver", "0l1v3r", true},
		"signs for letters":                     {"Sasha", "$@sh@", true},
		"a capital i for an l":                  {"Olga", "OIga", true},
		"a bar for an l":                        {"Olga", "O|ga", true},
		"r and n for m":                         {"Emma", "Ernrna", true},
		"two v for w":                           {"Wanda", "VVanda", true},
		"spaces":                                {"Maria K", "Mari a.K", true},
		"white space of another kind":           {"Maria K", "Maria\u00a0\u2003K", true},
		"punctuation and decoration":            {"Maria K.", "★ Maria-K ✓", true},
		"invisible characters":                  {"Maria", "Ma\u200bri\u00ada\ufe0f", true},
		"heaped marks":                          {"Maria", "M\u0336a\u0336r\u0336i\u0336a\u0336", true},
		"Hebrew with and without niqqud":        {"שָׂרָה", "שרה", true},
		"Arabic with and without points":        {"مُحَمَّد", "محمد", true},
		"Indic names that differ in a vowel":    {"राम", "रमा", false},
		"Thai names that differ in a vowel":     {"มานี", "มานะ", false},
		"Japanese names that differ in voicing": {"かな", "がな", false},
		"names in Han":                          {"王芳", "王方", false},
		"names of pictures that differ":         {"🌻", "🌼", false},
		"names of pictures that are the same":   {"🌻", "🌻\ufe0f", true},
		"two names of nothing":                  {" ", "\u200b", false},
		"a name that is no UTF-8":               {"a\xff", "a", true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := LooksLike(row.a, row.b); got != row.want {
				t.Errorf("got %v: %q and %q", got, Skeleton(row.a), Skeleton(row.b))
			}
			if LooksLike(row.a, row.b) != LooksLike(row.b, row.a) {
				t.Error("the order makes a difference")
			}
		})
	}
}

func TestNoSignHasTwoShapes(t *testing.T) {
	letterOf := map[rune]rune{}
	for letter, signs := range lookalikes {
		for _, sign := range folded(signs) {
			if other, ok := letterOf[sign]; ok {
				t.Errorf("%q stands under %q and %q", sign, other, letter)
			}
			letterOf[sign] = letter
		}
	}
}

func FuzzSkeleton(f *testing.F) {
	for _, seed := range []string{"Maria", "ΑΝΝΑ", "vvv", "rrn", "İ", "ﬃ", "\xff", "🅰️", "ΐ", "ᾳ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Skeleton(s)
		if s != "" && once != "" && !LooksLike(s, s) {
			t.Errorf("%q does not look like itself", s)
		}
		for _, r := range once {
			if Invisible(r) {
				t.Errorf("the skeleton of %q holds %U", s, r)
			}
		}
	})
}
