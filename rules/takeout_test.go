package rules_test

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"image"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"carecollective/collections"
	"carecollective/export"
	"carecollective/internal/apptest"
	"carecollective/server"
)

// exported asks for an export and waits until it is over.
func exported(t *testing.T, p *apptest.Person) apptest.Answer {
	t.Helper()
	asked := p.Post("/me/export", nil).Want(t, 202)
	return settled(t, p, asked.Text("export.id"))
}

func settled(t *testing.T, p *apptest.Person, id string) apptest.Answer {
	t.Helper()
	for until := time.Now().Add(60 * time.Second); ; {
		answer := p.Get("/me/export/"+id).Want(t, 200)
		if answer.Text("export.status") != collections.ExportRunning {
			return answer
		}
		if time.Now().After(until) {
			t.Fatalf("the export is not over: %s", answer.Raw)
		}
	}
}

// unpacked downloads an export and reads all of its files.
func unpacked(t *testing.T, p *apptest.Person, id string) map[string]string {
	t.Helper()
	answer := p.Get("/me/export/"+id+"/download").Want(t, 200)
	if answer.Header.Get("Content-Type") != "application/zip" || answer.Header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("the headers: %v", answer.Header)
	}
	archive, err := zip.NewReader(strings.NewReader(answer.Raw), int64(len(answer.Raw)))
	if err != nil {
		t.Fatalf("open the ZIP: %v", err)
	}
	files := map[string]string{}
	for _, file := range archive.File {
		opened, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(opened)
		if err != nil {
			t.Fatalf("read %s: %v", file.Name, err)
		}
		if _, twice := files[file.Name]; twice {
			t.Errorf("%s is there twice", file.Name)
		}
		files[file.Name] = string(content)
	}
	return files
}

func parsed(t *testing.T, files map[string]string, name string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(files[name]), &value); err != nil {
		t.Fatalf("%s: %v: %q", name, err, files[name])
	}
	return value
}

func TestAMemberTakesEverythingAway(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, conversation := confess(t, w)
	report := ana.Says(t, conversation, "=1+1")
	ben.Says(t, conversation, "<script>alert(1)</script>")
	hers := ben.Says(t, conversation, "Something bad")
	ana.Post("/messages/"+hers+"/report", apptest.JSON{"reason": "other", "description": "Her own words"}).Want(t, 201)
	apptest.Form(t, ben, "POST", "/conversations/"+conversation+"/messages", apptest.JSON{"content": "Look", "alt": "A \"garden\""}, "attachments", apptest.Photo(t, 60, 40)).Want(t, 201)
	gone := ana.Says(t, conversation, "Never mind")
	ana.Delete(record+gone).Want(t, 204)

	ready := exported(t, ana)
	if ready.Text("export.status") != collections.ExportReady || ready.Number("export.progress") != 100 || ready.Text("export.expires_at") == "" {
		t.Fatalf("the export: %s", ready.Raw)
	}
	id := ready.Text("export.id")
	files := unpacked(t, ana, id)
	for name, want := range map[string]string{
		"profile.json": secretPhone, "preferences.json": "can_receive_from", "help_requests.json": "canary-help", "blocks.json": ana.ID,
		"contacts.json": secretEmail, "reports.json": "Her own words", "devices.json": secretPush, "notifications.json": "[", "sessions.json": "[",
		"appeals.json": "[", "standing.json": `"level":"none"`, "audit.json": `"sent"`, "index.html": "canary-bio", "export.json": ana.ID,
		"conversations/" + conversation + ".json": secretEdit, "conversations/" + conversation + "-1.html": secretText,
	} {
		if !strings.Contains(files[name], want) {
			t.Errorf("%s has no %q: %.300q", name, want, files[name])
		}
	}
	if strings.Contains(files["profile.json"], "tokenKey") || strings.Contains(strings.Join(values(files), ""), "_sealed") {
		t.Error("the export tells what the API does not")
	}
	wantSameAsAPI(t, ana, files, conversation, report)
	wantSafe(t, files, conversation)
	wantPicture(t, files, conversation)
}

// wantPicture looks for the one picture of the conversation, and for its place on the page.
func wantPicture(t *testing.T, files map[string]string, conversation string) {
	t.Helper()
	found := 0
	for name, content := range files {
		if !strings.HasPrefix(name, "images/") {
			continue
		}
		found++
		if _, _, err := image.Decode(strings.NewReader(content)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if page := files["conversations/"+conversation+"-1.html"]; !strings.Contains(page, `src="../`+name+`"`) || !strings.Contains(page, "A &#34;garden&#34;") {
			t.Errorf("the page does not show %s: %s", name, page)
		}
	}
	if found != 1 {
		t.Errorf("%d pictures were taken away, want 1", found)
	}
}

func TestAMembersOwnPictureIsTakenAwayToo(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	path := "images/" + wears(t, ana, apptest.Photo(t, 60, 40))
	files := unpacked(t, ana, exported(t, ana).Text("export.id"))
	if _, kind, err := image.Decode(strings.NewReader(files[path])); err != nil || kind != "jpeg" {
		t.Errorf("%s is a %s, %v", path, kind, err)
	}
	if !strings.Contains(files["index.html"], `src="`+path+`"`) {
		t.Errorf("the start page does not show it: %s", files["index.html"])
	}
}

func values(files map[string]string) (all []string) {
	for _, content := range files {
		all = append(all, content)
	}
	return all
}

// wantSameAsAPI compares the messages of a conversation with those that the route answers.
func wantSameAsAPI(t *testing.T, p *apptest.Person, files map[string]string, conversation, one string) {
	t.Helper()
	var want any
	page := p.Get("/conversations/"+conversation+"/messages?limit=200").Want(t, 200)
	if err := json.Unmarshal([]byte(page.Raw), &want); err != nil {
		t.Fatal(err)
	}
	got := parsed(t, files, "conversations/"+conversation+".json")
	for _, part := range []string{"messages", "conversation"} {
		wanted, _ := json.Marshal(apptest.At(want, part))
		given, _ := json.Marshal(apptest.At(got, part))
		if string(wanted) != string(given) || !strings.Contains(page.Raw, one) {
			t.Errorf("%s in the export: %s\nby the API: %s", part, given, wanted)
		}
	}
}

// wantSafe looks for what a browser or a spreadsheet would run.
func wantSafe(t *testing.T, files map[string]string, conversation string) {
	t.Helper()
	page := files["conversations/"+conversation+"-1.html"]
	if strings.Contains(page, "<script") || !strings.Contains(page, "&lt;script&gt;") {
		t.Error("the page runs what a message says")
	}
	for _, outside := range []string{"http://", "https://", "src=\"/"} {
		if strings.Contains(page, outside) || strings.Contains(files["index.html"], outside) {
			t.Errorf("the pages reach out: %s", outside)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(files["conversations/"+conversation+".csv"], "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, row := range rows {
		for _, text := range row {
			found = found || text == "'=1+1"
			if strings.HasPrefix(text, "=") {
				t.Errorf("a cell is a formula: %q", text)
			}
		}
	}
	if !found {
		t.Error("the text that looks like a formula is missing")
	}
}

func TestAnExportIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{Unlock: []string{server.DoorImpersonate}})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	ana.Says(t, ana.Meets(t, ben), secretText)
	ready := exported(t, ana)
	path := "/me/export/" + ready.Text("export.id")
	token := w.Superuser().Post("/collections/users/impersonate/"+ana.ID, apptest.JSON{"duration": 600}).Want(t, 200).Text("token")
	operator := &apptest.Person{ID: ana.ID, Token: token, World: w}
	for _, end := range []string{"", "/download"} {
		ben.Get(path+end).Want(t, 404)
		w.Guest().Get(path+end).Want(t, 401)
		operator.Get(path+end).Want(t, 403)
	}
	operator.Post("/me/export", nil).Want(t, 403)
	ben.Get("/collections/exports/records/"+ready.Text("export.id")).Want(t, 403)
	if again := ana.Post("/me/export", nil).Want(t, 202); again.Text("export.id") != ready.Text("export.id") {
		t.Errorf("asking again made another one: %s", again.Raw)
	}
	wantNowhere(t, w, secretText)
}

func TestAnExportIsGoneAfterADay(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	ana.Meets(t, ben)
	id := exported(t, ana).Text("export.id")
	file := filepath.Join(w.App.DataDir(), collections.ExportsDir, id)
	sealed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	stray := filepath.Join(filepath.Dir(file), "left0behind0000")
	if err := os.WriteFile(stray, sealed, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := export.Sweep(w.App, time.Now().Add(23*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("after 23 hours: %v", err)
	}
	if _, err := os.Stat(stray); err == nil {
		t.Error("a file without an export was kept")
	}
	made, err := collections.FindExport(w.App, id, ana.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := export.Sweep(w.App, time.Now().Add(25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("the file is still there")
	}
	ana.Get("/me/export/"+id).Want(t, 404)
	ana.Get("/me/export/"+id+"/download").Want(t, 404)
	if err := os.WriteFile(file, sealed, 0o600); err != nil {
		t.Fatal(err)
	}
	opened, err := export.Open(w.App, made)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	if content, err := io.ReadAll(opened); err == nil || len(content) > 0 {
		t.Errorf("a copy of the file can still be opened: %d bytes, %v", len(content), err)
	}
}

func TestAnExportThatAKillInterruptedIsMadeByTheNextStart(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	conversation := ana.Meets(t, ben)
	id := exported(t, ana).Text("export.id")
	w.Change(collections.Exports, id, apptest.JSON{"status": collections.ExportRunning, "progress": 40, "expires_at": ""})
	next := w.Restarted()
	if again := settled(t, ana.In(next), id); again.Text("export.status") != collections.ExportReady {
		t.Fatalf("after the restart: %s", again.Raw)
	}
	if files := unpacked(t, ana.In(next), id); files["conversations/"+conversation+".json"] == "" {
		t.Error("the conversation is missing")
	}
}

func TestABannedMemberTakesTheirDataAway(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	conversation := ana.Meets(t, ben)
	w.Stands(ana, apptest.JSON{"restriction_level": "banned"})
	files := unpacked(t, ana, exported(t, ana).Text("export.id"))
	if files["conversations/"+conversation+".json"] == "" {
		t.Error("the conversation is missing")
	}
}

func TestAFileThatWasCutOffIsNotTakenForWhole(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	ana.Meets(t, ben)
	id := exported(t, ana).Text("export.id")
	made, err := collections.FindExport(w.App, id, ana.ID)
	if err != nil {
		t.Fatal(err)
	}
	path := made.Path(w.App)
	sealed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"empty": "", "half a line": string(sealed[:len(sealed)/2]), "without its end": strings.TrimSuffix(string(sealed), "\n"),
		"twice": string(sealed) + string(sealed),
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		opened, err := export.Open(w.App, made)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(opened); err == nil {
			t.Errorf("%s: read to its end", name)
		}
		_ = opened.Close()
	}
}
