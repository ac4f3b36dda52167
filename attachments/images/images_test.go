package images

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"testing"
	"time"
)

const canary = "canary-gps-52.5200N"

// corner is a picture whose corner on the upper left is red, and the one beside it green.
func corner(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{0, 0, 255, 255}
			switch {
			case x < w/2 && y < h/2:
				c = color.RGBA{255, 0, 0, 255}
			case x >= w/2 && y < h/2:
				c = color.RGBA{0, 255, 0, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func asJPEG(t testing.TB, m image.Image, quality int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// exifOf says how a camera was held, and something that nobody else should know.
func exifOf(orientation uint16) []byte {
	exif := []byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00")
	exif = binary.LittleEndian.AppendUint16(exif, orientation)
	return append(exif, "\x00\x00\x00\x00\x00\x00"+canary...)
}

func withEXIF(raw []byte, orientation uint16) []byte {
	segment := append([]byte("Exif\x00\x00"), exifOf(orientation)...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(segment)+2)) //nolint:gosec // it is short
	return append(append(head, segment...), raw[2:]...)
}

// withChunk puts a chunk behind the header of a PNG.
func withChunk(raw []byte, name string, data []byte) []byte {
	const headerEnd = 33
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(data))) //nolint:gosec // it is short
	chunk = append(append(chunk, name...), data...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return append(append(bytes.Clone(raw[:headerEnd]), chunk...), raw[headerEnd:]...)
}

func decoded(t *testing.T, p Picture) image.Image {
	t.Helper()
	m, kind, err := image.Decode(bytes.NewReader(p.Data))
	if err != nil || "image/"+kind != p.Type {
		t.Fatalf("a picture of type %s is a %s: %v", p.Type, kind, err)
	}
	if m.Bounds().Dx() != p.Width || m.Bounds().Dy() != p.Height {
		t.Fatalf("a picture of %v is called %dx%d", m.Bounds(), p.Width, p.Height)
	}
	return m
}

func TestAPictureIsScaledAndKeepsItsShape(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ w, h, fullW, fullH, previewW, previewH int }{
		"a wide one":            {3000, 1500, 2048, 1024, 320, 160},
		"a tall one":            {100, 4096, 50, 2048, 8, 320},
		"a small one stays":     {200, 100, 200, 100, 200, 100},
		"a line":                {5000, 1, 2048, 1, 320, 1},
		"one that is odd":       {2049, 7, 2048, 7, 320, 1},
		"one of the right size": {2048, 2048, 2048, 2048, 320, 320},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, err := NewWorkshop().Make(t.Context(), asPNG(t, corner(c.w, c.h)), 2048, 320)
			if err != nil {
				t.Fatal(err)
			}
			full, preview := decoded(t, made[0]).Bounds(), decoded(t, made[1]).Bounds()
			if full.Dx() != c.fullW || full.Dy() != c.fullH || preview.Dx() != c.previewW || preview.Dy() != c.previewH {
				t.Errorf("made %v and %v", full, preview)
			}
		})
	}
}

func near(c color.Color, r, g, b uint8) bool {
	got := color.RGBAModel.Convert(c).(color.RGBA)
	far := func(x, y uint8) bool { return max(x, y)-min(x, y) > 40 }
	return !far(got.R, r) && !far(got.G, g) && !far(got.B, b)
}

func TestAPictureIsTurnedUprightHoweverTheCameraWasHeld(t *testing.T) {
	t.Parallel()
	// What the corners look like once upright: upper left, upper right, lower left, lower right; r, g, b and b.
	upright := map[uint16]string{1: "rgbb", 2: "grbb", 3: "bbgr", 4: "bbrg", 5: "rbgb", 6: "brbg", 7: "bgbr", 8: "gbrb", 9: "rgbb"}
	for held, corners := range upright {
		for kind, raw := range map[string][]byte{
			"JPEG": withEXIF(asJPEG(t, corner(80, 40), 95), held),
			"PNG":  withChunk(asPNG(t, corner(80, 40)), "eXIf", exifOf(held)),
		} {
			made, err := NewWorkshop().Make(t.Context(), raw, 64)
			if err != nil {
				t.Fatalf("%s held as %d: %v", kind, held, err)
			}
			m := decoded(t, made[0])
			w, h := m.Bounds().Dx(), m.Bounds().Dy()
			if sideways := held >= 5 && held <= 8; (w < h) != sideways {
				t.Errorf("%s held as %d is %dx%d", kind, held, w, h)
			}
			for i, at := range []image.Point{{w / 4, h / 4}, {3 * w / 4, h / 4}, {w / 4, 3 * h / 4}, {3 * w / 4, 3 * h / 4}} {
				colours := map[byte][3]uint8{'r': {255, 0, 0}, 'g': {0, 255, 0}, 'b': {0, 0, 255}}
				if c := colours[corners[i]]; !near(m.At(at.X, at.Y), c[0], c[1], c[2]) {
					t.Errorf("%s held as %d: corner %d is %v, want %c", kind, held, i, m.At(at.X, at.Y), corners[i])
				}
			}
		}
	}
}

func TestNothingIsLeftOfWhatCameWithAPicture(t *testing.T) {
	t.Parallel()
	plain := asJPEG(t, corner(80, 40), 90)
	comment := append([]byte{0xff, 0xd8, 0xff, 0xfe, 0, byte(len(canary) + 2)}, canary...)
	for name, raw := range map[string][]byte{
		"EXIF":              withEXIF(plain, 1),
		"a comment":         append(comment, plain[2:]...),
		"what trails":       append(bytes.Clone(plain), canary...),
		"a PNG's text":      withChunk(asPNG(t, corner(80, 40)), "tEXt", []byte("Comment\x00"+canary)),
		"a PNG's EXIF":      withChunk(asPNG(t, corner(80, 40)), "eXIf", exifOf(1)),
		"what trails a PNG": append(asPNG(t, corner(80, 40)), canary...),
	} {
		if !bytes.Contains(raw, []byte(canary)) {
			t.Fatalf("%s: the test proves nothing", name)
		}
		made, err := NewWorkshop().Make(t.Context(), raw, 2048, 320)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, p := range made {
			if bytes.Contains(p.Data, []byte(canary)) || bytes.Contains(p.Data, []byte("Exif")) {
				t.Errorf("%s is still there", name)
			}
		}
	}
}

func TestWhatCanBeSeenThroughStaysSo(t *testing.T) {
	t.Parallel()
	m := corner(900, 900)
	for x := range 900 {
		m.SetRGBA(x, 899, color.RGBA{})
	}
	made, err := NewWorkshop().Make(t.Context(), asPNG(t, m), 450)
	if err != nil || made[0].Type != PNG {
		t.Fatalf("made a %s: %v", made[0].Type, err)
	}
	if _, _, _, alpha := decoded(t, made[0]).At(100, 449).RGBA(); alpha < 0x7000 || alpha > 0x9000 {
		t.Errorf("half of it can be seen through, and its alpha is %x", alpha)
	}
}

func TestScalingTakesTheMean(t *testing.T) {
	t.Parallel()
	for _, sides := range [][2]int{{2, 1}, {4, 2}, {5, 3}, {7, 7}, {1000, 3}, {2049, 2048}, {12, 11}} {
		m := image.NewGray(image.Rect(0, 0, sides[0], sides[0]))
		for i := range m.Pix {
			m.Pix[i] = 200
		}
		for i, v := range scale(m, sides[1]).Pix {
			if want := byte(200); i%4 != 3 && v != want && v != want-1 {
				t.Fatalf("%v: an even grey of 200 becomes %d", sides, v)
			}
		}
	}
	m := image.NewGray(image.Rect(0, 0, 2, 2))
	m.Pix = []byte{0, 100, 100, 200}
	if got := scale(m, 1).Pix[0]; got != 100 {
		t.Errorf("the mean is %d", got)
	}
}

// pngOf is the beginning of a PNG of that size.
func pngOf(w, h uint32, depth, colour, interlace byte) []byte {
	head := binary.BigEndian.AppendUint32(nil, w)
	head = append(binary.BigEndian.AppendUint32(head, h), depth, colour, 0, 0, interlace)
	raw := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"), head...)
	return binary.BigEndian.AppendUint32(raw, crc32.ChecksumIEEE(raw[12:]))
}

// withFrame is a JPEG of that size and kind, as far as its header goes.
func withFrame(w, h uint16, marker byte, sampling ...byte) []byte {
	segment := append([]byte{8}, binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, h), w)...)
	segment = append(segment, byte(len(sampling))) //nolint:gosec // it is short
	for i, s := range sampling {
		segment = append(segment, byte(i+1), s, 0)
	}
	raw := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, marker}, uint16(len(segment)+2)) //nolint:gosec // it is short
	return append(append(raw, segment...), 0xff, 0xda, 0, 2)
}

// withAdobe says of a JPEG what its colours are, as Adobe does: 0 for none that are to be turned into others.
func withAdobe(raw []byte, transform byte) []byte {
	segment := append([]byte("\xff\xd8\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"), transform)
	return append(segment, raw[2:]...)
}

// named gives the first components of a JPEG of [withFrame] other names.
func named(raw []byte, names string) []byte {
	const first = 12 // behind the marker, the length, the depth, the sides, and how many there are
	for i := range names {
		raw[first+3*i] = names[i]
	}
	return raw
}

func TestAFileIsJudgedByItsHeader(t *testing.T) {
	t.Parallel()
	scans := bytes.Repeat([]byte{0xff, 0xda, 0, 2}, mostScans+1)
	for name, c := range map[string]struct {
		raw  []byte
		want *Problem
	}{
		"text":                           {[]byte("hello"), ErrUnknown},
		"nothing":                        {nil, ErrUnknown},
		"a GIF":                          {[]byte("GIF89a\x01\x00\x01\x00"), ErrUnknown},
		"an SVG":                         {[]byte("<svg onload='alert(1)'/>"), ErrUnknown},
		"more than 5 MiB":                {make([]byte, MaxBytes+1), ErrTooHeavy},
		"a PNG of 20,000 x 20,000":       {pngOf(20_000, 20_000, 8, 2, 0), ErrTooLarge},
		"one pixel too wide":             {pngOf(12_001, 10, 8, 2, 0), ErrTooLarge},
		"one line too many":              {pngOf(6000, 4001, 8, 2, 0), ErrTooLarge},
		"24 megapixels":                  {pngOf(6000, 4000, 8, 6, 0), nil},
		"24 megapixels of 16 bits":       {pngOf(6000, 4000, 16, 6, 0), ErrComplex},
		"24 megapixels in passes":        {pngOf(6000, 4000, 8, 6, 1), ErrComplex},
		"a JPEG of 24 megapixels":        {withFrame(6000, 4000, 0xc0, 0x11, 0x11, 0x11), nil},
		"one of 15 that comes in passes": {withFrame(5000, 3000, 0xc2, 0x22, 0x11, 0x11), nil},
		"one of 24 that comes in passes": {withFrame(6000, 4000, 0xc2, 0x11, 0x11, 0x11), ErrComplex},
		"one in red, green and blue":     {named(withFrame(6000, 4000, 0xc0, 0x11, 0x11, 0x11), "RGB"), ErrComplex},
		"one of Adobe's in RGB":          {withAdobe(withFrame(6000, 4000, 0xc0, 0x11, 0x11, 0x11), 0), ErrComplex},
		"one of 16 of Adobe's in RGB":    {withAdobe(withFrame(4000, 4000, 0xc0, 0x11, 0x11, 0x11), 0), nil},
		"one of 24 of Adobe's":           {withAdobe(withFrame(6000, 4000, 0xc0, 0x11, 0x11, 0x11), 1), nil},
		"one of 24 in four colours":      {withAdobe(withFrame(6000, 4000, 0xc0, 0x11, 0x11, 0x11, 0x11), 2), ErrComplex},
		"one of 15 in four colours":      {withAdobe(withFrame(5000, 3000, 0xc0, 0x11, 0x11, 0x11, 0x11), 2), nil},
		"a JPEG of endless scans":        {append(withFrame(100, 100, 0xc2, 0x22, 0x11, 0x11), scans...), ErrComplex},
		"a JPEG that breaks off":         {[]byte("\xff\xd8\xff\xe0\x00"), ErrBroken},
		"a PNG that breaks off":          {[]byte("\x89PNG\r\n\x1a\n\x00\x00"), ErrBroken},
		"a WebP of nothing":              {[]byte("RIFF\x04\x00\x00\x00WEBP"), ErrBroken},
	} {
		_, err := examine(c.raw)
		var got *Problem
		errors.As(err, &got)
		if got != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestWhatBreaksOffInTheMiddleIsRefused(t *testing.T) {
	t.Parallel()
	whole := asPNG(t, corner(300, 300))
	if _, err := NewWorkshop().Make(t.Context(), whole[:len(whole)/2], 320); !errors.Is(err, ErrBroken) {
		t.Errorf("answered %v", err)
	}
}

func TestAWebPIsTaken(t *testing.T) {
	t.Parallel()
	// The smallest there is without loss: one pixel.
	raw := []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")
	made, err := NewWorkshop().Make(t.Context(), raw, 320)
	if err != nil || made[0].Width != 1 {
		t.Fatalf("made %+v: %v", made, err)
	}
}

func TestAPNGOf20000By20000IsRefusedBeforeItTakesMemory(t *testing.T) {
	raw := append(pngOf(20_000, 20_000, 8, 2, 0), make([]byte, 1_500_000)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := NewWorkshop().Make(t.Context(), raw, 2048, 320)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrTooLarge) {
		t.Fatalf("answered %v", err)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 { // its pixels alone would take 1.2 GB
		t.Errorf("refused with %d bytes", grown)
	}
}

// photo is a JPEG of 24 megapixels and nearly 5 MiB.
func photo(t testing.TB) []byte {
	m := image.NewYCbCr(image.Rect(0, 0, 6000, 4000), image.YCbCrSubsampleRatio420)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range m.Y {
		m.Y[i] = byte(i/8) + byte(random.UintN(24)) //nolint:gosec // noise
	}
	for quality := 60; ; quality -= 5 {
		if raw := asJPEG(t, m, quality); len(raw) <= MaxBytes {
			return raw
		}
	}
}

// peak is how much memory is used at most while work is done, beyond what was before.
func peak(work func()) (bytes uint64) {
	read := func() uint64 {
		sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64() - sample[1].Value.Uint64()
	}
	before, done := read(), make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	for {
		select {
		case <-done:
			return bytes
		default:
			if now := read(); now > before {
				bytes = max(bytes, now-before)
			}
			time.Sleep(time.Millisecond) // between two samples
		}
	}
}

func TestTwoUploadsOf5MiBAtATimeStayUnder150MiB(t *testing.T) {
	raw := photo(t)
	if len(raw) < 3<<20 {
		t.Fatalf("the photo has %d bytes only", len(raw))
	}
	flat := asPNG(t, image.NewNRGBA(image.Rect(0, 0, 6000, 4000)))
	w := NewWorkshop()
	for name, raw := range map[string][]byte{"photos": raw, "pictures that can be seen through": flat} {
		debug.FreeOSMemory() // what making the pictures took
		used := peak(func() {
			var both sync.WaitGroup
			for range 4 {
				both.Go(func() {
					if _, err := w.Make(context.Background(), raw, 2048, 320); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
		})
		t.Logf("%s: %d MiB", name, used>>20)
		if used > 150<<20 {
			t.Errorf("%s took %d MiB", name, used>>20)
		}
	}
}

func TestWhoGoesAwayDoesNotWaitForATurn(t *testing.T) {
	t.Parallel()
	w := NewWorkshop()
	if err := w.memory.Acquire(t.Context(), budget); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Make(ctx, asPNG(t, corner(8, 8)), 320); !errors.Is(err, context.Canceled) {
		t.Errorf("answered %v", err)
	}
}

func FuzzExamine(f *testing.F) {
	f.Add(withEXIF(asJPEG(f, corner(8, 8), 80), 6))
	f.Add(withChunk(asPNG(f, corner(8, 8)), "eXIf", exifOf(3)))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	f.Add(withFrame(10, 10, 0xc2, 0x22, 0x11))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, err := examine(raw)
		if err != nil {
			return
		}
		if h.width > MaxSide || h.height > MaxSide || h.memory > budget || h.orientation < 1 || h.orientation > 8 {
			t.Fatalf("let pass %+v", h)
		}
		if h.width*h.height > 1<<16 {
			return
		}
		made, err := h.make(raw, []int{64, 16})
		if err != nil {
			return
		}
		for _, p := range made {
			if p.Width > 64 || p.Height > 64 || Type(p.Data) != p.Type {
				t.Fatalf("made %dx%d of type %s", p.Width, p.Height, p.Type)
			}
		}
	})
}

func BenchmarkMake(b *testing.B) {
	raw := photo(b)
	w := NewWorkshop()
	for b.Loop() {
		if _, err := w.Make(b.Context(), raw, 2048, 320); err != nil {
			b.Fatal(err)
		}
	}
}
