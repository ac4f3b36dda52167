// Package screening reads a text and finds what a moderator should look at: insults, personal data, spam, scams
// and deceptive links, and where they are. It knows no members, no database and no clock. It decides nothing about
// people: it suggests what to do with a text, and explains it in words that help the writer.
package screening

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync"

	"carecollective/moderation/screening/internal/features"
	"carecollective/moderation/screening/internal/linear"
	"carecollective/moderation/screening/internal/plain"
	"carecollective/moderation/screening/internal/words"
	"carecollective/refusal"
)

// What can be found in a text.
const (
	Profanity      = "profanity"
	Harassment     = "harassment"
	PersonalData   = string(refusal.PersonalData) // the code with which it is refused, too
	Spam           = "spam"
	Scam           = "scam"
	SuspiciousLink = "suspicious_link"
)

// What can be done with a text.
const (
	Allow  = "allow"  // let it through
	Review = "review" // let it through, and have a moderator look at it
	Block  = "block"  // refuse it, and tell the writer why
)

// Result is the result of screening a text.
type Result struct {
	Flagged         bool
	Confidence      float64  // of the surest finding; 0 without any
	Categories      []string // each once, in the order of the constants
	SuggestedAction string   // Allow, Review or Block
	Explanation     string   // for the writer; empty without findings
	Findings        []Finding
}

// Finding is one thing that was found.
type Finding struct {
	Category   string
	Start, End int // byte offsets in the original text
	Confidence float64
	why        string // how it is told to the writer
	blocks     bool   // whether it is clear enough to refuse the text
}

// Options are the operator's settings. The zero value suits most communities.
type Options struct {
	Words []string // further words that a moderator should see
	Hosts []string // hosts to which no link is wanted, with all below them

	// Flag is the confidence from which a text is flagged as an attack or as spam, 0.5 if it is not set. Block is the
	// one from which such a text is refused, 0.97 if it is not set; 1 never refuses.
	Flag, Block float64
}

// Screener screens texts. It is safe for concurrent use.
type Screener struct {
	lexicon  *words.Lexicon
	toxicity *linear.Model
	spam     *linear.Model
	hosts    map[string]bool
	flag     float64
	block    float64
}

//go:embed model.bin
var trained []byte

// shared is the lexicon that comes with the program, which is the same for all who add nothing to it.
var shared = sync.OnceValue(words.Load)

// standard is the screener with the standard options.
var standard = sync.OnceValue(func() *Screener {
	s, err := New(Options{})
	if err != nil {
		panic("moderation: the model in this program is broken, which only a new build can fix: " + err.Error())
	}
	return s
})

// Screen screens a text with the standard options.
func Screen(text string) Result {
	return standard().Screen(text)
}

// New returns a screener with the embedded model.
func New(options Options) (*Screener, error) {
	return Load(trained, options)
}

// Load returns a screener with a model that was trained by moderation/train.
func Load(model []byte, options Options) (*Screener, error) {
	s := &Screener{lexicon: shared(), hosts: map[string]bool{}, flag: options.Flag, block: options.Block}
	r := bytes.NewReader(model)
	var err error
	if s.toxicity, err = linear.Read(r); err != nil {
		return nil, fmt.Errorf("load the model of attacks: %w", err)
	}
	if s.spam, err = linear.Read(r); err != nil {
		return nil, fmt.Errorf("load the model of spam: %w", err)
	}
	if s.flag <= 0 || s.flag >= 1 {
		s.flag = 0.5
	}
	if s.block <= 0 {
		s.block = 0.97
	}
	if len(options.Words) > 0 {
		s.lexicon = s.lexicon.With(options.Words)
	}
	for _, host := range options.Hosts {
		s.hosts[host] = true
	}
	return s, nil
}

// Screen screens a text.
func (s *Screener) Screen(text string) Result {
	t := plain.Read(text)
	known := features.Find(t, s.lexicon)
	var found []Finding
	found = append(found, s.attacks(t, known)...)
	found = append(found, s.links(text)...)
	found = append(found, s.fraud(t)...)
	found = append(found, personalData(t)...)
	return conclude(found)
}

// order is how categories are listed.
var order = []string{Profanity, Harassment, PersonalData, Spam, Scam, SuspiciousLink}

// conclude sums up what was found.
func conclude(found []Finding) Result {
	r := Result{SuggestedAction: Allow, Findings: found, Flagged: len(found) > 0}
	for _, category := range order {
		for i := range found {
			if found[i].Category == category {
				r.Categories = append(r.Categories, category)
				break
			}
		}
	}
	for i := range found {
		r.Confidence = max(r.Confidence, found[i].Confidence)
		if found[i].blocks && found[i].Category != PersonalData {
			r.SuggestedAction = Block
		} else if r.SuggestedAction == Allow {
			r.SuggestedAction = Review
		}
	}
	r.Explanation = explain(r)
	return r
}
