package commands

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"carecollective/moderation/screening"
)

// Moderation returns the command that lists the moderation queue, and lets an operator test the screening of texts, without a
// server and without any data.
func Moderation(app core.App) *cobra.Command {
	command := &cobra.Command{
		Use:   "moderation",
		Short: "Lists the moderation queue, and tests the screening of texts",
	}
	command.AddCommand(moderationQueue(app), moderationScreen())
	return command
}

func moderationScreen() *cobra.Command {
	var jsonl bool
	command := &cobra.Command{
		Use:         "screen",
		Short:       "Screens the texts on standard input, one per line, and prints the result of each",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{NoData: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			if jsonl {
				return screenLines(command.InOrStdin(), command.OutOrStdout(), screenJSON)
			}
			return screenLines(command.InOrStdin(), command.OutOrStdout(), screenPlain)
		},
	}
	command.Flags().BoolVar(&jsonl, "jsonl", false, `read lines of {"id","text"} and write lines of {"id","flagged","confidence","categories","suggested_action","explanation"}`)
	return command
}

// longestLine is the longest line that is read.
const longestLine = 16 << 20

// screenLines screens what is read, line by line.
func screenLines(in io.Reader, out io.Writer, screen func([]byte, io.Writer) error) (err error) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestLine)
	buffered := bufio.NewWriter(out)
	defer func() { err = errors.Join(err, buffered.Flush()) }()
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		if err := screen(lines.Bytes(), buffered); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the texts: %w", err)
	}
	return nil
}

// screened is what is told about a text.
type screened struct {
	ID              json.RawMessage `json:"id"`
	Flagged         bool            `json:"flagged"`
	Confidence      float64         `json:"confidence"`
	Categories      []string        `json:"categories"`
	SuggestedAction string          `json:"suggested_action"`
	Explanation     string          `json:"explanation"`
}

func screenJSON(line []byte, out io.Writer) error {
	var asked struct {
		ID   json.RawMessage `json:"id"`
		Text string          `json:"text"`
	}
	if err := json.Unmarshal(line, &asked); err != nil {
		return fmt.Errorf(`not a {"id","text"} object: %w`, err)
	}
	r := screening.Screen(asked.Text)
	return json.NewEncoder(out).Encode(screened{
		ID: asked.ID, Flagged: r.Flagged, Confidence: r.Confidence, Categories: append([]string{}, r.Categories...),
		SuggestedAction: r.SuggestedAction, Explanation: r.Explanation,
	})
}

func screenPlain(line []byte, out io.Writer) error {
	r := screening.Screen(string(line))
	_, err := fmt.Fprintf(out, "%-6s  %s\n", r.SuggestedAction, line)
	if r.Explanation != "" {
		_, explainErr := fmt.Fprintf(out, "        %s\n", r.Explanation)
		err = errors.Join(err, explainErr)
	}
	return err
}
