package accounts

import (
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata"

	"github.com/pocketbase/pocketbase/core"
	"golang.org/x/text/language"

	"carecollective/collections"
	"carecollective/internal/limits"
	"carecollective/refusal"
	"carecollective/text"
)

// The profile fields that a member may set in a body; everything else in it is ignored. (The phone number is sealed and
// not a column, so it is not among these.)
var (
	profileFields    = []string{"name", "bio", "location", "language", "time_zone", "avatar"}
	writableOnCreate = append([]string{core.FieldNameId, core.FieldNameEmail, core.FieldNamePassword}, profileFields...)
	writableOnUpdate = writableOnCreate // PocketBase itself refuses another id or e-mail, and wants the old password for a new one
)

// textFields must be strings or missing.
var textFields = []string{
	core.FieldNameId, core.FieldNameEmail, core.FieldNamePassword, "passwordConfirm", "oldPassword", "invitation",
	"name", "bio", "location", "language", "time_zone",
}

// updateProfile lets members change their own profile. The number of wrong passwords is limited, for anyone who sits
// at the member's device.
func updateProfile(e *core.RecordRequestEvent) error {
	if e.HasSuperuserAuth() {
		return e.Next()
	}
	info, err := e.RequestInfo()
	if err != nil {
		return err
	}
	if err := checkShape(e.RequestEvent); err != nil {
		return err
	}
	restoreUnwritable(e.Record, writableOnUpdate)
	if stringOf(info.Body["oldPassword"]) == "" {
		return e.Next()
	}
	guesses := key("oldPassword", e.Record.Id)
	if err := take(e.App, guesses, failuresPerDevice); err != nil {
		return err
	}
	if err := e.Next(); err != nil {
		return err
	}
	return limits.Forget(e.App, guesses)
}

// checkShape refuses a field of the wrong type. PocketBase has already turned it into an empty string, so the body
// is read again. Forms have no types.
func checkShape(e *core.RequestEvent) error {
	if !strings.HasPrefix(e.Request.Header.Get("Content-Type"), "application/json") {
		return nil
	}
	body := map[string]any{}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError("Send a JSON object.", err)
	}
	for _, name := range textFields {
		switch body[name].(type) {
		case nil, string:
		default:
			return refusal.Field(name, refusal.WrongType, "`"+name+"` must be a string.")
		}
	}
	return nil
}

// restoreUnwritable puts every field that is not in writable back to what it was. Hidden ones are already out of a client's reach.
func restoreUnwritable(record *core.Record, writable []string) {
	for _, field := range record.Collection().Fields {
		if name := field.GetName(); !field.GetHidden() && !slices.Contains(writable, name) {
			record.SetRaw(name, record.Original().GetRaw(name))
		}
	}
}

// checkProfile checks the changed fields of a profile.
func checkProfile(e *core.RecordEvent) error {
	problems := refusal.Fields{}
	for name, check := range profileChecks {
		value := e.Record.GetString(name)
		if value == e.Record.Original().GetString(name) {
			continue
		}
		problem, err := check(e.App, e.Record.Id, value)
		if err != nil {
			return err
		}
		if problem != nil {
			problems[name] = refusal.Field(name, refusal.Code(problem.Code), problem.Sentence)
		}
	}
	if len(problems) > 0 {
		return problems
	}
	return e.Next()
}

// A profileCheck checks the new value of a field.
type profileCheck func(app core.App, id, value string) (*text.Problem, error)

var profileChecks = map[string]profileCheck{
	"name":      checkName,
	"bio":       textOf(text.Long),
	"location":  textOf(text.Short),
	"language":  checkLanguage,
	"time_zone": checkTimeZone,
}

func textOf(kind text.Kind) profileCheck {
	return func(_ core.App, _, value string) (*text.Problem, error) { return text.Check(kind, value), nil }
}

// checkName prevents names that look like a moderator's. A member who had the name before the moderator did keeps it.
func checkName(app core.App, id, name string) (*text.Problem, error) {
	if problem := text.Check(text.Name, name); problem != nil {
		return problem, nil
	}
	moderators, err := collections.FindModerators(app)
	if err != nil {
		return nil, err
	}
	for _, m := range moderators {
		if m.Id != id && text.LooksLike(m.Name(), name) {
			return &text.Problem{Code: string(refusal.NameTaken), Sentence: "Choose another name: this one looks like a moderator's."}, nil
		}
	}
	return nil, nil
}

func checkLanguage(_ core.App, _, tag string) (*text.Problem, error) {
	if tag == "" {
		return nil, nil
	}
	if _, err := language.Parse(tag); err != nil {
		return &text.Problem{Code: string(refusal.InvalidLanguage), Sentence: "Enter a language tag such as en or pt-BR."}, nil
	}
	return nil, nil
}

func checkTimeZone(_ core.App, _, zone string) (*text.Problem, error) {
	if zone == "" {
		return nil, nil
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == time.Local.String() { // Local is the server's own
		return &text.Problem{Code: string(refusal.InvalidTimeZone), Sentence: "Enter a time zone such as Europe/Berlin."}, nil
	}
	return nil, nil
}

// setDefaults makes a new account an ordinary member's. A member who registers while no mail can be sent stays verified when that changes.
func setDefaults(e *core.RecordEvent) error {
	member := collections.AsMember(e.Record)
	if member.Role() == "" {
		member.SetRole(collections.RoleMember)
	}
	if !mailsAreSent(e.App) {
		member.ExemptVerification()
	}
	return e.Next()
}

// hideEmail disables emailVisibility, whoever sets it.
func hideEmail(e *core.RecordEvent) error {
	e.Record.SetEmailVisibility(false)
	return e.Next()
}

// withOwnRows creates the rows that every account has, together with the account or not at all.
func withOwnRows(e *core.RecordEvent) error {
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(txApp core.App) error {
		e.App = txApp
		if err := e.Next(); err != nil {
			return err
		}
		return makeOwnRows(txApp, e.Record.Id)
	})
}

func makeOwnRows(txApp core.App, member string) error {
	preferences, err := collections.NewPreferences(txApp, member)
	if err != nil {
		return fmt.Errorf("make preferences: %w", err)
	}
	standing, err := collections.NewStanding(txApp, member)
	if err != nil {
		return fmt.Errorf("make standing: %w", err)
	}
	for _, row := range []core.Model{preferences, standing} {
		if err := txApp.Save(row); err != nil {
			return fmt.Errorf("save what comes with an account: %w", err)
		}
	}
	return nil
}

func stringOf(value any) string {
	s, _ := value.(string)
	return s
}
