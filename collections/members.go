package collections

import (
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
	"carecollective/vault"
)

// The roles of a member.
const (
	RoleMember    = "member"
	RoleModerator = "moderator"
)

// Member is a person with an account.
type Member struct{ core.BaseRecordProxy }

// AsMember reads record, a row of users, as a member.
func AsMember(record *core.Record) *Member {
	m := &Member{}
	m.SetProxyRecord(record)
	return m
}

// FindMember finds a member by id; nil when there is none.
func FindMember(app core.App, id string) (*Member, error) {
	return store.Typed(AsMember)(store.FindOne(app, Users, store.ByID(id)))
}

// FindMembers finds members by their ids; those that are gone are missing in the answer.
func FindMembers(app core.App, ids []string) (map[string]*Member, error) {
	found := map[string]*Member{}
	err := eachOf(app, Users, "id", ids, func(record *core.Record) { found[record.Id] = AsMember(record) })
	return found, err
}

// FindMemberByEmail finds a member by e-mail address, in any case; nil when there is none.
func FindMemberByEmail(app core.App, email string) (*Member, error) {
	return store.Typed(AsMember)(store.FindOne(app, Users, dbx.NewExp("LOWER([[email]]) = LOWER({:email})", dbx.Params{"email": email})))
}

// FindModerators finds all moderators, by name.
func FindModerators(app core.App) ([]*Member, error) {
	var members []*Member
	err := app.RecordQuery(Users).AndWhere(dbx.HashExp{"role": RoleModerator}).OrderBy("name", "id").All(&members)
	if err != nil {
		return nil, fmt.Errorf("find moderators: %w", err)
	}
	return members, nil
}

// HasMembers reports whether there are any accounts.
func HasMembers(app core.App) (bool, error) {
	n, err := store.Count(app, "SELECT EXISTS (SELECT 1 FROM users)", nil)
	return n > 0, err
}

// Name is what the member is called.
func (m *Member) Name() string { return m.GetString("name") }

// Shown returns what a member's profile shows to every other member.
func (m *Member) Shown() map[string]string { return texts(m, "name", "bio", "location") }

// Role is member or moderator.
func (m *Member) Role() string { return m.GetString("role") }

// SetRole makes the member a moderator, or an ordinary member again.
func (m *Member) SetRole(role string) { m.Set("role", role) }

// IsModerator reports whether the member moderates.
func (m *Member) IsModerator() bool { return m.Role() == RoleModerator }

// CreatedAt is when the account was made.
func (m *Member) CreatedAt() time.Time { return m.GetDateTime("created_at").Time() }

// ExemptFromVerification reports whether the account was made while mails could not be sent.
func (m *Member) ExemptFromVerification() bool { return m.GetBool("exempt_verification") }

// ExemptVerification lets the member stay signed in without a confirmed address.
func (m *Member) ExemptVerification() { m.Set("exempt_verification", true) }

// SealPhone replaces the phone number; an empty one removes it.
func (m *Member) SealPhone(app core.App, number string) error {
	sealed, err := Seal(app, MemberScope(m.Id), time.Now(), m.phoneBinding(), number)
	if err != nil {
		return err
	}
	m.Set("phone_sealed", sealed)
	return nil
}

// Phone is the phone number, "" for none; [vault.ErrUnreadable] when it cannot be opened.
func (m *Member) Phone(app core.App) (string, error) {
	return Unseal(app, MemberScope(m.Id), m.phoneBinding(), m.GetString("phone_sealed"))
}

func (m *Member) phoneBinding() vault.Binding {
	return vault.Binding{Table: Users, Record: m.Id, Field: "phone", Sender: m.Id}
}

// Seal keeps the empty text empty, so that a row without a value needs no key.
func Seal(app core.App, scope string, at time.Time, binding vault.Binding, plain string) (string, error) {
	if plain == "" {
		return "", nil
	}
	sealed, err := Vault(app).Seal(scope, at, binding, []byte(plain))
	if err != nil {
		return "", fmt.Errorf("seal %s of %s: %w", binding.Field, binding.Table, err)
	}
	return sealed, nil
}

// Unseal opens a value that [Seal] has sealed. The error is [vault.ErrUnreadable] when it cannot be opened.
func Unseal(app core.App, scope string, binding vault.Binding, sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	plain, err := Vault(app).Unseal(scope, binding, sealed)
	if err != nil {
		return "", fmt.Errorf("unseal %s of %s: %w", binding.Field, binding.Table, err)
	}
	return string(plain), nil
}

// Unreadable reports whether an error says that a sealed value cannot be decrypted: its key is gone, or it was damaged.
func Unreadable(err error) bool { return errors.Is(err, vault.ErrUnreadable) }

// HasPhone reports whether the member has given a phone number.
func (m *Member) HasPhone() bool { return m.GetString("phone_sealed") != "" }

// GuidelinesVersion is the version of the guidelines that the member has accepted; 0 for none.
func (m *Member) GuidelinesVersion() int { return m.GetInt("guidelines_version") }

// AcceptGuidelines records that the member has accepted a version of the guidelines.
func (m *Member) AcceptGuidelines(version int) { m.Set("guidelines_version", version) }

// Email is the address that the member signs in with.
func (m *Member) Email() string { return m.ProxyRecord().Email() }

// Reachable reports whether the address is known to be the member's own: they have confirmed it, or registered while
// mails could not be sent.
func (m *Member) Reachable() bool { return m.ProxyRecord().Verified() || m.ExemptFromVerification() }

// Language is the language that the member has chosen, as a BCP 47 tag; empty for none.
func (m *Member) Language() string { return m.GetString("language") }

// SetLanguage sets the member's language.
func (m *Member) SetLanguage(language string) { m.Set("language", language) }

// TimeZone is the member's zone, as an IANA name; empty for none.
func (m *Member) TimeZone() string { return m.GetString("time_zone") }
