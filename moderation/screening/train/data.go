package main

import (
	"bufio"
	"crypto/sha1" //nolint:gosec // it groups rows, as the shared data does
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// row is one text with its answer.
type row struct {
	ID       string `json:"id"`
	Text     string `json:"text"`
	Label    string `json:"label"`
	Category string `json:"category"`
	Source   string `json:"source"`
}

func (r row) flagged() bool { return r.Label == "flag" }

// fold tells to which of n parts a row belongs. What was made from the same template, word or host stays together:
// the six digits behind the source in the id say what that is.
func (r row) fold(n uint64) uint64 {
	_, digits, ok := strings.Cut(r.ID, "-")
	if !ok || len(digits) < 6 {
		return 0
	}
	group, err := strconv.ParseUint(digits[:6], 16, 32)
	if err != nil {
		return 0
	}
	return group / 10 % n
}

// load reads all rows of a folder, in an order that does not depend on the file system.
func load(folder string) ([]row, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("there are no *.jsonl files in %s", folder)
	}
	slices.Sort(files)
	var rows []row
	for _, file := range files {
		more, err := read(file)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

func read(file string) ([]row, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read the examples: %w", err)
	}
	defer f.Close()
	var rows []row
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r row
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		rows = append(rows, r)
	}
	return rows, lines.Err()
}

//go:embed own/*.txt
var own embed.FS

// ours are the examples that were written for this project, by file: what they are examples of.
var ours = []struct{ name, category, label string }{
	{"attacks", "toxicity", "flag"},
	{"harmless", "toxicity", "ok"},
	{"everyday", "benign", "ok"},
	{"scams", "spam", "flag"},
}

func loadOwn() ([]row, error) {
	var rows []row
	for _, file := range ours {
		data, err := own.ReadFile("own/" + file.name + ".txt")
		if err != nil {
			return nil, fmt.Errorf("read our own examples: %w", err)
		}
		for line := range strings.Lines(string(data)) {
			text := strings.TrimSpace(line)
			if text == "" || strings.HasPrefix(text, "#") {
				continue
			}
			sum := sha1.Sum([]byte(text)) //nolint:gosec // as above
			rows = append(rows, row{ID: "own-" + hex.EncodeToString(sum[:7]), Text: text, Label: file.label, Category: file.category, Source: "own_" + file.name})
		}
	}
	return rows, nil
}
