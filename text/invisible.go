package text

import "unicode"

// blanks are drawn as nothing although Unicode's properties do not say so: the empty Braille pattern, the blanks of
// Egyptian hieroglyphs, the null notehead, and the annotation marks that are no Default_Ignorable_Code_Point.
var blanks = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x2800, Hi: 0x2800, Stride: 1},
		{Lo: 0xFFF9, Hi: 0xFFFB, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x13430, Hi: 0x1343F, Stride: 1},
		{Lo: 0x13441, Hi: 0x13442, Stride: 1},
		{Lo: 0x1D159, Hi: 0x1D159, Stride: 1},
	},
}

// Invisible reports whether r is drawn as nothing. White space does not count.
//
// It follows Unicode's derivation of Default_Ignorable_Code_Point (DerivedCoreProperties.txt, and UAX #44 table 9):
// Other_Default_Ignorable_Code_Point, Variation_Selector and the format characters, but for those format characters
// that are drawn (Prepended_Concatenation_Mark); and adds the blanks that the property leaves out.
func Invisible(r rune) bool {
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, blanks) ||
		unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}
