// Command train makes moderation/screening/model.bin from the examples in ../shared/data/moderation and those in
// moderation/screening/train/own. Run it in the folder of the project:
//
//	go run ./moderation/screening/train          writes the model; the same examples give the same file
//	go run ./moderation/screening/train -cv      writes no model but, for each example, the answer of a screener that was trained
//	                                   without itand the examples like it, in the form that score.py reads
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"carecollective/moderation/screening"
)

func main() {
	data := flag.String("data", "../shared/data/moderation", "the folder with the examples")
	out := flag.String("out", "moderation/screening/model.bin", "the file to write the model to")
	crossValidate := flag.Bool("cv", false, "write the answers of cross-validation instead of a model")
	flag.Parse()
	if err := run(*data, *out, *crossValidate); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func run(data, out string, crossValidate bool) error {
	rows, err := load(data)
	if err != nil {
		return err
	}
	own, err := loadOwn()
	if err != nil {
		return err
	}
	lessons := prepare(append(rows, own...))
	if crossValidate {
		return answer(os.Stdout, lessons)
	}
	model, err := learn(lessons)
	if err != nil {
		return err
	}
	return os.WriteFile(out, model, 0o644) //nolint:gosec // it is published
}

// learn trains both models, one after the other in one file.
func learn(lessons []lesson) ([]byte, error) {
	var b bytes.Buffer
	if err := learnToxicity(lessons).Write(&b); err != nil {
		return nil, err
	}
	if err := learnSpam(lessons).Write(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// folds is into how many parts the examples are divided for cross-validation.
const folds = 5

// answer screens each part of the examples with what was learnt from the others.
func answer(w io.Writer, lessons []lesson) error {
	encoder := json.NewEncoder(w)
	for fold := range uint64(folds) {
		var learnt, asked []lesson
		for _, l := range lessons {
			if l.row.fold(folds) == fold {
				asked = append(asked, l)
			} else {
				learnt = append(learnt, l)
			}
		}
		model, err := learn(learnt)
		if err != nil {
			return err
		}
		screener, err := screening.Load(model, screening.Options{})
		if err != nil {
			return err
		}
		for _, l := range asked {
			if err := encoder.Encode(answerTo(screener, l.row)); err != nil {
				return fmt.Errorf("write an answer: %w", err)
			}
		}
	}
	return nil
}

func answerTo(screener *screening.Screener, r row) map[string]any {
	result := screener.Screen(r.Text)
	return map[string]any{
		"id": r.ID, "flagged": result.Flagged, "confidence": result.Confidence, "categories": append([]string{}, result.Categories...),
		"suggested_action": result.SuggestedAction, "explanation": result.Explanation,
	}
}
