// Package images sanitizes an uploaded picture. Its type is determined by its contents alone, it is checked by its
// header before it is decoded, and it is turned upright, scaled down and re-encoded, so that no metadata remains:
// no place, no camera, no comments, and nothing after its end.
package images

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"image/png"
	"runtime/debug"

	"golang.org/x/image/webp"
	"golang.org/x/sync/semaphore"
)

// The limits of accepted pictures.
const (
	MaxBytes  = 5 << 20    // of a file
	MaxSide   = 12_000     // pixels
	MaxPixels = 24_000_000 // pixels
)

const (
	// budget is how many bytes all decoding may take at a time. What needs more is refused.
	budget = 120 << 20

	// atOnce is how many pictures are decoded at a time; one that needs more than its share keeps others waiting.
	atOnce = 2

	// heavy is from how many bytes on garbage is collected before a picture is decoded, and memory given back as soon as it is
	// made, and not when Go comes to it.
	heavy = 16 << 20

	quality = 85 // of a JPEG
)

// The types of pictures, taken and made. A WebP is never made.
const (
	JPEG = "image/jpeg"
	PNG  = "image/png"
	WebP = "image/webp"
)

// Problem says why a picture is refused: a code for clients, and one plain sentence that says what to do.
type Problem struct{ Code, Sentence string }

func (p *Problem) Error() string { return p.Code }

// The problems.
var (
	ErrTooHeavy = &Problem{"file_too_large", "Send pictures of at most 5 MiB each."}
	ErrUnknown  = &Problem{"file_type", "Send pictures as JPEG, PNG or WebP."}
	ErrTooLarge = &Problem{"picture_too_large", "Send pictures of at most 24 megapixels and 12,000 pixels a side."}
	ErrComplex  = &Problem{"picture_too_complex", "This picture takes too much memory. Save it smaller or as an ordinary JPEG."}
	ErrBroken   = &Problem{"picture_broken", "This picture cannot be read. Save it again and send the new file."}
)

// Picture is a sanitized picture.
type Picture struct {
	Data          []byte
	Type          string
	Width, Height int
}

// Workshop converts pictures, few at a time.
type Workshop struct{ memory *semaphore.Weighted }

// NewWorkshop makes a workshop. One process needs one.
func NewWorkshop() *Workshop { return &Workshop{semaphore.NewWeighted(budget)} }

// Make converts an upload to a picture for each of sides, in descending order: in its own size, but with no side longer than that many
// pixels on its longer side. It waits for its turn as long as ctx lasts. What is wrong with the picture is a [Problem].
func (w *Workshop) Make(ctx context.Context, raw []byte, sides ...int) ([]Picture, error) {
	h, err := examine(raw)
	if err != nil {
		return nil, err
	}
	share := max(h.memory, budget/atOnce)
	if err := w.memory.Acquire(ctx, share); err != nil {
		return nil, err
	}
	defer w.memory.Release(share)
	if h.memory >= heavy {
		debug.FreeOSMemory()
		defer debug.FreeOSMemory()
	}
	return h.make(raw, sides)
}

func (h *header) make(raw []byte, sides []int) ([]Picture, error) {
	decoded, err := h.decode(raw)
	if err != nil {
		return nil, ErrBroken
	}
	made := make([]Picture, len(sides))
	for i, side := range sides {
		scaled := scale(decoded, side)
		decoded = scaled // what was sent can go
		if made[i], err = encode(turn(scaled, h.orientation)); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// decode decodes what [examine] has found bearable. A decoder that panics has met a broken picture.
func (h *header) decode(raw []byte) (decoded image.Image, err error) {
	defer func() {
		if recover() != nil {
			err = ErrBroken
		}
	}()
	switch h.kind {
	case JPEG:
		return jpeg.Decode(bytes.NewReader(raw))
	case PNG:
		return png.Decode(bytes.NewReader(raw))
	}
	return webp.Decode(bytes.NewReader(raw))
}

// encode makes a PNG of what can be seen through, and a JPEG of all else.
func encode(m *image.RGBA) (Picture, error) {
	p := Picture{Type: JPEG, Width: m.Rect.Dx(), Height: m.Rect.Dy()}
	var out bytes.Buffer
	var err error
	if m.Opaque() {
		err = jpeg.Encode(&out, m, &jpeg.Options{Quality: quality})
	} else {
		p.Type = PNG
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, m)
	}
	p.Data = out.Bytes()
	return p, err
}

// Extension is the end of the name of a file of a type.
func Extension(kind string) string {
	if kind == PNG {
		return ".png"
	}
	return ".jpg"
}
