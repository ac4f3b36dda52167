package images

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"
)

// header is what a picture says about itself, and what decoding it would take.
type header struct {
	kind          string
	width, height int
	memory        int64 // bytes that decoding takes, at most
	orientation   int   // as EXIF counts, 1 for upright
}

// Type returns the type of a file by its contents; "" if the type is not accepted.
func Type(raw []byte) string {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xd8\xff")):
		return JPEG
	case bytes.HasPrefix(raw, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	case len(raw) >= 12 && string(raw[:4]) == "RIFF" && string(raw[8:12]) == "WEBP":
		return WebP
	}
	return ""
}

// examine judges a file without decoding it.
func examine(raw []byte) (*header, error) {
	if len(raw) > MaxBytes {
		return nil, ErrTooHeavy
	}
	h := &header{kind: Type(raw)}
	var size image.Config
	var err error
	switch h.kind {
	case JPEG:
		size, err = jpeg.DecodeConfig(bytes.NewReader(raw))
	case PNG:
		size, err = png.DecodeConfig(bytes.NewReader(raw))
	case WebP:
		size, err = webp.DecodeConfig(bytes.NewReader(raw))
	default:
		return nil, ErrUnknown
	}
	if err != nil || size.Width <= 0 || size.Height <= 0 {
		return nil, ErrBroken
	}
	h.width, h.height = size.Width, size.Height
	if h.width > MaxSide || h.height > MaxSide || h.width*h.height > MaxPixels {
		return nil, ErrTooLarge
	}
	return h, h.weigh(raw)
}

// weigh finds out what decoding would take, and how the picture was held.
func (h *header) weigh(raw []byte) error {
	pixels := int64(h.width) * int64(h.height)
	var exif []byte
	switch h.kind {
	case JPEG:
		j, err := readJPEG(raw)
		if err != nil {
			return err
		}
		h.memory, exif = int64(float64(pixels)*j.bytesPerPixel()), j.exif
	case PNG:
		h.memory, exif = pixels*pngBytesPerPixel(raw), pngChunk(raw, "eXIf")
	case WebP:
		h.memory, exif = webpMemory(raw, pixels), webpChunk(raw, "EXIF")
	}
	h.orientation = orientation(exif)
	if h.memory > budget {
		return ErrComplex
	}
	return nil
}

// pngBytesPerPixel is what Go's decoder takes. A PNG that comes in passes is put together from them.
func pngBytesPerPixel(raw []byte) int64 {
	const depthAt, colorAt, interlaceAt = 24, 25, 28 // after the signature, the chunk's head, and the sides
	const palette = 3
	n := int64(4)
	switch {
	case raw[colorAt] == palette:
		n = 1
	case raw[depthAt] == 16:
		n = 8
	}
	if raw[interlaceAt] != 0 {
		n *= 2
	}
	return n
}

// pngChunk finds what the first chunk of a type holds; nil for none.
func pngChunk(raw []byte, name string) []byte {
	return riffChunk(raw[8:], name, func(head []byte) (string, int, int) {
		return string(head[4:8]), int(binary.BigEndian.Uint32(head)), 4 // a checksum follows
	})
}

// webpChunk finds what the first chunk of a type holds; nil for none.
func webpChunk(raw []byte, name string) []byte {
	return riffChunk(raw[12:], name, func(head []byte) (string, int, int) {
		size := int(binary.LittleEndian.Uint32(head[4:]))
		return string(head[:4]), size, size % 2
	})
}

// riffChunk walks over chunks that begin with 8 bytes, in which read finds the name, the size, and how much follows.
func riffChunk(rest []byte, name string, read func(head []byte) (name string, size, after int)) []byte {
	for len(rest) >= 8 {
		found, size, after := read(rest[:8])
		rest = rest[8:]
		if size > len(rest) {
			return nil
		}
		if found == name {
			return rest[:size]
		}
		rest = rest[min(size+after, len(rest)):]
	}
	return nil
}

// webpMemory is what the decoder takes: little for one like a film's frame, much more for what is kept without loss, as
// what can be seen through is.
func webpMemory(raw []byte, pixels int64) int64 {
	switch {
	case webpChunk(raw, "VP8L") != nil:
		return max(pixels*9, budget/atOnce+1) // its tables may be large whatever its size: it is decoded alone
	case webpChunk(raw, "ALPH") != nil:
		return max(pixels*9, budget/atOnce+1)
	}
	return pixels * 2
}
