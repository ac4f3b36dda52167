package linear

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Features are the features of a text: for each group, the hashes of those that are present.
type Features [][]uint32

// Model is a linear model. Each weight takes one byte.
type Model struct {
	Bias      float32
	Threshold float32 // the score from which a text is one of those that the model looks for
	groups    []group
}

type group struct {
	bits    uint8
	diluted bool // whether what is seen counts the less the more there is
	scale   float32
	weights []int8
}

// Score returns the sum of the weights of the features; 0 means undecided.
func (m *Model) Score(features Features) float64 {
	score := float64(m.Bias)
	for i := range m.groups {
		g := &m.groups[i]
		sum, mask := int64(0), uint32(1)<<g.bits-1
		for _, f := range features[i] {
			sum += int64(g.weights[f&mask])
		}
		score += float64(sum) * float64(g.scale) * dilution(g.diluted, len(features[i]))
	}
	return score
}

func dilution(diluted bool, n int) float64 {
	if !diluted || n == 0 {
		return 1
	}
	return 1 / math.Sqrt(float64(n))
}

// Probability converts a score to a number between 0 and 1.
func Probability(score float64) float64 {
	return 1 / (1 + math.Exp(-score))
}

// header is what stands before the weights of each group in a file.
type header struct {
	Bits    uint8
	Diluted bool
	Scale   float32
}

// Write writes the model.
func (m *Model) Write(w io.Writer) error {
	err := binary.Write(w, binary.LittleEndian, []float32{m.Bias, m.Threshold, float32(len(m.groups))})
	for _, g := range m.groups {
		err = errors.Join(err,
			binary.Write(w, binary.LittleEndian, header{g.bits, g.diluted, g.scale}),
			binary.Write(w, binary.LittleEndian, g.weights))
	}
	if err != nil {
		return fmt.Errorf("write the model: %w", err)
	}
	return nil
}

// most is how many groups, and how many bits of hash, a model may have.
const most, mostBits = 8, 24

// Read reads a model that Write wrote.
func Read(r io.Reader) (*Model, error) {
	var first [3]float32
	if err := binary.Read(r, binary.LittleEndian, &first); err != nil {
		return nil, fmt.Errorf("read the model: %w", err)
	}
	if first[2] < 1 || first[2] > most {
		return nil, fmt.Errorf("read the model: it has %v groups", first[2])
	}
	m := &Model{Bias: first[0], Threshold: first[1]}
	for range int(first[2]) {
		var h header
		if err := binary.Read(r, binary.LittleEndian, &h); err != nil {
			return nil, fmt.Errorf("read the model: %w", err)
		}
		if h.Bits > mostBits {
			return nil, fmt.Errorf("read the model: hashes of %d bits", h.Bits)
		}
		g := group{bits: h.Bits, diluted: h.Diluted, scale: h.Scale, weights: make([]int8, 1<<h.Bits)}
		if err := binary.Read(r, binary.LittleEndian, g.weights); err != nil {
			return nil, fmt.Errorf("read the weights of the model: %w", err)
		}
		m.groups = append(m.groups, g)
	}
	return m, nil
}
