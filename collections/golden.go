package collections

import (
	_ "embed"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
)

//go:embed schema.golden
var golden string

// Golden is the schema that the migrations of this program produce, as [Describe] prints it.
func Golden() string { return golden }

// Describe prints every meaningful property of our collections: who may do what, the fields, the indexes. A
// security review reads the differences in it.
func Describe(app core.App) (string, error) {
	var b strings.Builder
	for _, name := range All() {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return "", fmt.Errorf("find collection %s: %w", name, err)
		}
		describe(&b, app, c)
	}
	return b.String(), nil
}

// Drift lists the differences between the schema of the app and [Golden], one per line.
func Drift(app core.App) ([]string, error) {
	live, err := Describe(app)
	if err != nil {
		return nil, err
	}
	var differences []string
	for _, line := range missing(golden, live) {
		differences = append(differences, "missing: "+line)
	}
	for _, line := range missing(live, golden) {
		differences = append(differences, "unexpected: "+line)
	}
	return differences, nil
}

// missing lists the lines of a that b lacks, each with its collection.
func missing(a, b string) []string {
	has := map[string]bool{}
	for _, line := range qualified(b) {
		has[line] = true
	}
	var lines []string
	for _, line := range qualified(a) {
		if !has[line] {
			lines = append(lines, line)
		}
	}
	return lines
}

func qualified(description string) []string {
	var lines []string
	collection := ""
	for line := range strings.SplitSeq(description, "\n") {
		switch {
		case line == "":
		case !strings.HasPrefix(line, " "):
			collection = line
			lines = append(lines, line)
		default:
			lines = append(lines, collection+" "+strings.TrimSpace(line))
		}
	}
	return lines
}

func describe(b *strings.Builder, app core.App, c *core.Collection) {
	fmt.Fprintf(b, "%s (%s)\n", c.Name, c.Type)
	for _, rule := range []struct {
		may  string
		rule *string
	}{
		{"list", c.ListRule}, {"view", c.ViewRule}, {"create", c.CreateRule}, {"update", c.UpdateRule}, {"delete", c.DeleteRule},
	} {
		fmt.Fprintf(b, "  may %s  %s\n", rule.may, who(rule.rule))
	}
	if c.IsAuth() {
		fmt.Fprintf(b, "  may manage  %s\n  may sign in  %s\n", who(c.ManageRule), who(c.AuthRule))
		fmt.Fprintf(b, "  sign in with  password %t, oauth2 %t, otp %t, mfa %t\n", c.PasswordAuth.Enabled, c.OAuth2.Enabled, c.OTP.Enabled, c.MFA.Enabled)
	}
	for _, field := range c.Fields {
		fmt.Fprintf(b, "  field %s  %s%s\n", field.GetName(), field.Type(), properties(app, field))
	}
	for _, index := range c.Indexes {
		fmt.Fprintf(b, "  index  %s\n", index)
	}
	b.WriteString("\n")
}

func who(rule *string) string {
	switch {
	case rule == nil:
		return "nobody"
	case *rule == "":
		return "anyone"
	}
	return *rule
}

// silent are the properties of a field without effect: its internal id, how the dashboard shows it.
var silent = []string{"Name", "Id", "System", "Presentable", "Help"}

// properties prints every other property of a field that is set.
func properties(app core.App, field core.Field) string {
	var b strings.Builder
	value := reflect.ValueOf(field).Elem()
	for i := range value.NumField() {
		name, set := value.Type().Field(i).Name, value.Field(i)
		if !value.Type().Field(i).IsExported() || slices.Contains(silent, name) || set.IsZero() {
			continue
		}
		if set.Kind() == reflect.Pointer {
			set = set.Elem()
		}
		shown := fmt.Sprint(set.Interface())
		if name == "CollectionId" {
			if to, err := app.FindCachedCollectionByNameOrId(shown); err == nil {
				shown = to.Name
			}
		}
		fmt.Fprintf(&b, " %s=%s", strings.ToLower(name), shown)
	}
	return b.String()
}
