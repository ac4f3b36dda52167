package match

// Signature shows quickly, without the text, which words a text does not contain: it is a Bloom filter (Bloom, 1970, "Space/
// Time Trade-offs in Hash Coding with Allowable Errors") of the runs of three bytes in the folded text. Its zero value is that of
// a text that nothing is known of.
type Signature [4]uint64

const signed = 1 // the bit that each signature of a text has

// Sign computes the signature of a text.
func Sign(text string) Signature {
	var buffer [1024]byte
	s := Signature{signed}
	s.add(fold(buffer[:0], text))
	return s
}

// add sets a bit for each run of three bytes.
func (s *Signature) add(folded []byte) {
	for i := 2; i < len(folded); i++ {
		run := uint32(folded[i-2])<<16 | uint32(folded[i-1])<<8 | uint32(folded[i])
		bit := run * 2654435769 >> 24 // Knuth's multiplicative hash, to eight bits
		s[bit/64] |= 1 << (bit % 64)
	}
}

// MayBeIn reports whether a text with the signature may contain every word of the query; false is certain.
func (q Query) MayBeIn(s Signature) bool {
	if s[0]&signed == 0 {
		return true
	}
	for i, bits := range q.signature {
		if s[i]&bits != bits {
			return false
		}
	}
	return true
}
