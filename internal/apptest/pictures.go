package apptest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"mime/multipart"
	"net/textproto"
	"testing"
)

// PhotoPlace is the place that [Photo] has in its comment, which nobody may find again.
const PhotoPlace = "canary-gps-0b1d"

// Photo returns a JPEG that says in a comment where it was taken.
func Photo(t testing.TB, w, h int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = byte(i / 64)
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, nil); err != nil {
		t.Fatal(err)
	}
	return append(append([]byte{0xff, 0xd8, 0xff, 0xfe, 0, byte(len(PhotoPlace) + 2)}, PhotoPlace...), out.Bytes()[2:]...)
}

// Form sends texts and files as a browser does; the name that a file had is never its own.
func Form(t testing.TB, p *Person, method, path string, texts JSON, field string, files ...[]byte) Answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range texts {
		text, isText := value.(string)
		if !isText { // the SDK puts what is no text beside
			encoded, err := json.Marshal(JSON{name: value})
			if err != nil {
				t.Fatal(err)
			}
			name, text = "@jsonPayload", string(encoded)
		}
		if err := w.WriteField(name, text); err != nil {
			t.Fatal(err)
		}
	}
	for i, file := range files {
		part, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename="%s-%d.exe"`, field, PhotoPlace, i)},
			"Content-Type":        {"text/html"},
		})
		if err == nil {
			_, err = part.Write(file)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return p.Send(method, path, w.FormDataContentType(), body.String())
}

// Shows sends a message with pictures.
func (w Way) Shows(t testing.TB, p *Person, conversation string, texts JSON, files ...[]byte) Answer {
	t.Helper()
	path := "/conversations/" + conversation + "/messages"
	if w.At == "" {
		path = "/collections/messages/records"
		texts["conversation"] = conversation
	}
	return Form(t, p, "POST", path, texts, "attachments", files...)
}
