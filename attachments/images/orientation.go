package images

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation reads from EXIF data how the camera was held, as EXIF counts: 1 for upright, which is also the answer when
// it does not say.
func orientation(exif []byte) int {
	const upright, tag = 1, 0x0112
	exif = bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
	if len(exif) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(exif[:2]) == "MM" {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(exif[4:]))
	if at+2 > int64(len(exif)) {
		return upright
	}
	entries := exif[at+2:]
	for range order.Uint16(exif[at:]) {
		if len(entries) < 12 {
			return upright
		}
		if order.Uint16(entries) == tag {
			if held := int(order.Uint16(entries[8:])); held >= 1 && held <= 8 {
				return held
			}
			return upright
		}
		entries = entries[12:]
	}
	return upright
}

// turn turns a picture upright that was taken as orientation says.
func turn(m *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 || orientation > 8 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	tw, th := w, h
	if orientation >= 5 { // it lies on its side
		tw, th = h, w
	}
	turned := image.NewRGBA(image.Rect(0, 0, tw, th))
	for y := range th {
		for x := range tw {
			sx, sy := origin(orientation, x, y, w, h)
			copy(turned.Pix[turned.PixOffset(x, y):][:4], m.Pix[m.PixOffset(sx, sy):][:4])
		}
	}
	return turned
}

// origin is where in a picture of w by h the pixel is that belongs to x, y of the one turned upright.
func origin(orientation, x, y, w, h int) (int, int) {
	switch orientation {
	case 2: // mirrored
		return w - 1 - x, y
	case 3: // upside down
		return w - 1 - x, h - 1 - y
	case 4: // upside down and mirrored
		return x, h - 1 - y
	case 5: // mirrored, then turned
		return y, x
	case 6: // held with its left side up
		return y, h - 1 - x
	case 7: // mirrored, then turned the other way
		return w - 1 - y, h - 1 - x
	}
	return w - 1 - y, x // held with its right side up
}
