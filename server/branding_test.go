package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

func get(t *testing.T, url string, into any) *http.Response {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && into != nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil {
		t.Fatalf("read %s: %v", body, err)
	}
	return answer
}

func TestTheClientBearsTheCollectivesNameColourAndLogo(t *testing.T) {
	t.Parallel()
	world := apptest.New(t, server.Config{})
	var before, after struct{ Name, Accent, Logo, Registration string }
	get(t, world.URL+"/api/collective", &before)
	if before.Name != "Care Collective" || before.Accent != "" || before.Logo != "" || before.Registration != "open" {
		t.Errorf("before: %+v", before)
	}
	if answer := get(t, world.URL+"/branding/logo.png", nil); answer.StatusCode != 404 {
		t.Errorf("a logo that is not there is %d", answer.StatusCode)
	}

	settings := world.App.Settings()
	settings.Meta.AppName, settings.Meta.AccentColor = "Riverside Mutual Aid", "#884422"
	if err := world.App.Save(settings); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(world.App.DataDir(), "logo.png"), []byte("\x89PNG\r\n\x1a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	get(t, world.URL+"/api/collective", &after)
	if after.Name != "Riverside Mutual Aid" || after.Accent != "#884422" || after.Logo != "/branding/logo.png" {
		t.Errorf("after: %+v", after)
	}
	if answer := get(t, world.URL+after.Logo, nil); answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "image/png" {
		t.Errorf("the logo is %d %s", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
	var manifest struct {
		Name  string
		Icons []struct{ Src string }
	}
	answer := get(t, world.URL+"/manifest.webmanifest", &manifest)
	if manifest.Name != "Riverside Mutual Aid" || manifest.Icons[0].Src != "/branding/logo.png" {
		t.Errorf("the manifest is %+v", manifest)
	}
	if kind := answer.Header.Get("Content-Type"); kind != "application/manifest+json" {
		t.Errorf("the manifest is sent as %s", kind)
	}
}
