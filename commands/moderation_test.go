package commands_test

import (
	"bytes"
	"strings"
	"testing"

	"carecollective/commands"
)

func TestModerationScreenAnswersEachLine(t *testing.T) {
	t.Parallel()
	in := `{"id":"a","text":"Thank you all!"}` + "\n\n" + `{"id":7,"text":"text me 510-555-0166"}` + "\n"
	out, err := screen(in, "--jsonl")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 || lines[0] != `{"id":"a","flagged":false,"confidence":0,"categories":[],"suggested_action":"allow","explanation":""}` ||
		!strings.HasPrefix(lines[1], `{"id":7,"flagged":true,"confidence":0.85,"categories":["personal_data"],"suggested_action":"review"`) {
		t.Errorf("got %q", lines)
	}
}

func TestModerationScreenSaysWhichLineIsWrong(t *testing.T) {
	t.Parallel()
	if _, err := screen("{}\nwhat\n", "--jsonl"); err == nil || !strings.HasPrefix(err.Error(), "line 2: ") {
		t.Errorf("got %v", err)
	}
}

func TestModerationScreenReadsPlainLinesToo(t *testing.T) {
	t.Parallel()
	out, err := screen("Thank you all!\nsee bit.ly/6326675\n")
	if err != nil || !strings.HasPrefix(out, "allow   Thank you all!\nreview  see bit.ly/6326675\n        Please check the link") {
		t.Errorf("got %q, %v", out, err)
	}
}

func screen(in string, flags ...string) (string, error) {
	command := commands.Moderation(nil)
	var out bytes.Buffer
	command.SetIn(strings.NewReader(in))
	command.SetOut(&out)
	command.SilenceUsage, command.SilenceErrors = true, true
	command.SetArgs(append([]string{"screen"}, flags...))
	err := command.Execute()
	return out.String(), err
}
