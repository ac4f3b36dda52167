package accounts_test

import (
	"mime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/mails"

	"carecollective/erasure"
)

// subjectsTo are the subjects of the letters to an address.
func (s *site) subjectsTo(to string) []string {
	s.t.Helper()
	var subjects []string
	for _, l := range s.lettersTo(to) {
		subject, err := new(mime.WordDecoder).DecodeHeader(l.subject)
		if err != nil {
			s.t.Fatal(err)
		}
		subjects = append(subjects, subject)
	}
	return subjects
}

func (s *site) wantLetters(to string, subjects ...string) {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) { // PocketBase sends some of them beside the request
		got := s.subjectsTo(to)
		slices.Sort(got)
		if slices.Sort(subjects); slices.Equal(got, subjects) {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%s gets %q, want %q", to, got, subjects)
		}
	}
}

func TestARegistrationIsAnsweredInItsLanguageElseTheBrowsersElseTheCollectives(t *testing.T) {
	const english, spanish = "Confirm your email address at Care Collective", "Confirma tu dirección de correo en Care Collective"
	s := newSite(t).withSMTP()
	for _, test := range []struct{ email, language, accepts, collective, want string }{
		{"a@example.org", "es", "en", "en", spanish},
		{"b@example.org", "", "es-419,en;q=0.5", "en", spanish},
		{"c@example.org", "", "", "es", spanish},
		{"d@example.org", "en", "es", "es", english},
		{"e@example.org", "fr", "es", "en", spanish},
		{"f@example.org", "", "fr", "en", english},
		{"g@example.org", "", "", "", english},
	} {
		s.set("language", test.collective)
		body := map[string]any{"email": test.email, "password": password, "passwordConfirm": password, "language": test.language}
		s.want(s.do(request{path: usersPath + "records", body: body, accepts: test.accepts}), 204)
		s.wantLetters(test.email, test.want)
		if got := s.find(test.email).GetString("language"); got != test.language {
			t.Errorf("%s has the language %q now", test.email, got)
		}
	}
	if token := s.tokenIn("b@example.org"); s.do(request{path: usersPath + "confirm-verification", body: map[string]any{"token": token}}).status != 204 {
		t.Error("the token in the mail confirms nothing")
	}
	body := s.lettersTo("b@example.org")[0].body
	if !strings.Contains(body, `lang="es"`) || !strings.Contains(body, "/auth/confirm-verification/eyJ") || strings.Contains(body, "/_/#/") {
		t.Errorf("the mail is %s", body)
	}
}

func TestTheMailsOfAnAccountAreInTheLanguageOfItsMember(t *testing.T) {
	s := newSite(t).withSMTP()
	ana := s.member("Ana")
	ana.Set("language", "es")
	if err := s.Save(ana); err != nil {
		t.Fatal(err)
	}
	ben := s.member("Ben")
	s.register("ana@example.org", map[string]any{"language": "en"})
	s.want(s.do(request{path: usersPath + "request-password-reset", body: map[string]any{"email": "ana@example.org"}, accepts: "en"}), 204)
	s.want(s.do(request{path: usersPath + "request-email-change", token: s.token(ana), body: map[string]any{"newEmail": "new@example.org"}}), 204)
	s.want(s.do(request{path: usersPath + "request-email-change", token: s.token(ben), body: map[string]any{"newEmail": "ana@example.org"}}), 204)
	if _, err := erasure.Ask(s, ana.Id, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := mails.SendRecordAuthAlert(s, ana, "Firefox <127.0.0.1>"); err != nil {
		t.Fatal(err)
	}
	if err := mails.SendRecordOTP(s, ana, "otp", "12345678"); err != nil {
		t.Fatal(err)
	}
	s.wantLetters("ana@example.org",
		"Ya tienes una cuenta en Care Collective", "Elige una contraseña nueva en Care Collective",
		"Has pedido una nueva dirección de correo en Care Collective", "Tu dirección de correo en Care Collective",
		"Tu cuenta de Care Collective se va a eliminar", "Tu contraseña de un solo uso para Care Collective",
		"Alguien ha iniciado sesión en tu cuenta de Care Collective desde un lugar nuevo")
	s.wantLetters("new@example.org", "Confirma tu nueva dirección de correo en Care Collective")
	s.wantLetters("ben@example.org", "You asked for a new email address at Care Collective")
	confirm := map[string]any{"token": s.tokenIn("new@example.org"), "password": password}
	s.want(s.do(request{path: usersPath + "confirm-email-change", body: confirm}), 204)
	if got := s.subjectsTo("ana@example.org"); !slices.Contains(got, "Tu dirección de correo en Care Collective ha cambiado") {
		t.Errorf("the old address gets %q", got)
	}
}
