package linear

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Example is a labelled text.
type Example struct {
	Features Features
	Positive bool
	Weight   float64
}

// Group says how the features of a group are stored.
type Group struct {
	Bits    uint8
	Diluted bool
	Rate    float64 // how fast its weights are learnt
}

// Plan holds the parameters of training.
type Plan struct {
	Groups []Group
	Passes int
	Decay  float64 // how much a weight loses whenever it is touched
	Rounds int     // how many passes over all examples are made, each in another order; the model is the mean
}

// Train learns the weights from examples by logistic regression with AdaGrad. The same examples in the same order
// give the same model.
func (p Plan) Train(examples []Example) *Model {
	mean := p.blank()
	for round := range p.Rounds {
		mean.add(p.learn(examples, uint64(round)), 1/float64(p.Rounds))
	}
	return mean.quantised()
}

// learn goes through the examples again and again, in an order that only depends on the seed.
func (p Plan) learn(examples []Example, seed uint64) *trainer {
	t := p.blank()
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	shuffle := rand.New(rand.NewPCG(20261121, seed)) //nolint:gosec // it must be the same each time
	for pass := range p.Passes {
		shuffle.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		t.damping = 1 - 0.7*float64(pass)/float64(p.Passes)
		for _, i := range order {
			t.learn(&examples[i])
		}
	}
	return t
}

func (p Plan) blank() *trainer {
	t := &trainer{plan: p}
	for _, g := range p.Groups {
		t.weights = append(t.weights, make([]float64, 1<<g.Bits))
		t.seen = append(t.seen, make([]float64, 1<<g.Bits))
	}
	return t
}

// add adds a share of what another has learnt.
func (t *trainer) add(other *trainer, share float64) {
	t.bias += float64(share * other.bias)
	for i, weights := range other.weights {
		for j, w := range weights {
			t.weights[i][j] += float64(share * w)
		}
	}
}

type trainer struct {
	plan     Plan
	weights  [][]float64
	seen     [][]float64 // the sum of the squares of the gradients
	bias     float64
	biasSeen float64
	damping  float64
}

func (t *trainer) score(e *Example) float64 {
	score := t.bias
	for i, g := range t.plan.Groups {
		sum, mask := 0.0, uint32(1)<<g.Bits-1
		for _, f := range e.Features[i] {
			sum += t.weights[i][f&mask]
		}
		score += float64(sum * dilution(g.Diluted, len(e.Features[i])))
	}
	return score
}

func (t *trainer) learn(e *Example) {
	target := 0.0
	if e.Positive {
		target = 1
	}
	gradient := float64((Probability(t.score(e)) - target) * e.Weight)
	t.biasSeen += float64(gradient * gradient)
	t.bias -= float64(0.05 * gradient / math.Sqrt(t.biasSeen+1))
	for i, g := range t.plan.Groups {
		mask := uint32(1)<<g.Bits - 1
		share := float64(gradient * dilution(g.Diluted, len(e.Features[i])))
		rate := g.Rate * t.damping
		for _, f := range e.Features[i] {
			f &= mask
			w := t.weights[i][f]
			slope := share + float64(t.plan.Decay*w)
			t.seen[i][f] += float64(slope * slope)
			t.weights[i][f] = w - float64(rate*slope/math.Sqrt(t.seen[i][f]+1e-3))
		}
	}
}

// quantised keeps each weight in a byte.
func (t *trainer) quantised() *Model {
	m := &Model{Bias: float32(t.bias)}
	for i, g := range t.plan.Groups {
		scale := ceiling(t.weights[i]) / math.MaxInt8
		q := group{bits: g.Bits, diluted: g.Diluted, scale: float32(scale), weights: make([]int8, len(t.weights[i]))}
		for j, w := range t.weights[i] {
			q.weights[j] = int8(max(-math.MaxInt8, min(math.MaxInt8, math.Round(w/scale))))
		}
		m.groups = append(m.groups, q)
	}
	return m
}

// ceiling is the weight above which the few greatest are cut, so that the many small ones are told apart.
func ceiling(weights []float64) float64 {
	sizes := make([]float64, 0, len(weights))
	for _, w := range weights {
		if w != 0 {
			sizes = append(sizes, math.Abs(w))
		}
	}
	if len(sizes) == 0 {
		return 1
	}
	slices.Sort(sizes)
	return sizes[len(sizes)-1-len(sizes)/2000]
}
