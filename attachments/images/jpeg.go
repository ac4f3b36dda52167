package images

import (
	"bytes"
	"encoding/binary"
)

// mostScans is in how many passes a JPEG may come. Ordinary ones have up to a dozen; each costs a walk over all pixels,
// however few bytes it has.
const mostScans = 64

// The markers of a JPEG.
const (
	startOfFrame       = 0xc0 // and the one after it
	progressiveFrame   = 0xc2
	startOfScan        = 0xda
	endOfImage         = 0xd9
	firstRestart       = 0xd0
	applicationSegment = 0xe1
	adobeSegment       = 0xee
)

// jpegHead is what decoding a JPEG depends on, and what it says about how it was taken.
type jpegHead struct {
	progressive bool
	components  []byte // their names
	sampling    []byte // of each component, how many samples across and down, four bits each
	untouched   bool   // the colours are not turned into others, says Adobe
	exif        []byte
	scans       int
}

// readJPEG walks over the segments of a JPEG.
func readJPEG(raw []byte) (*jpegHead, error) {
	j := &jpegHead{}
	for rest := raw[2:]; ; {
		at := nextMarker(rest)
		if at < 0 {
			return j, j.check()
		}
		marker := rest[at+1]
		if rest = rest[at+2:]; marker == endOfImage {
			return j, j.check()
		}
		if len(rest) < 2 {
			return nil, ErrBroken
		}
		length := int(binary.BigEndian.Uint16(rest))
		if length < 2 || length > len(rest) {
			return nil, ErrBroken
		}
		j.take(marker, rest[2:length])
		rest = rest[length:]
	}
}

// nextMarker finds the next marker that a segment follows, past the data of a scan; -1 for none.
func nextMarker(rest []byte) int {
	for from := 0; ; {
		found := bytes.IndexByte(rest[from:], 0xff)
		if found < 0 || from+found+1 >= len(rest) {
			return -1
		}
		at := from + found
		switch marker := rest[at+1]; {
		case marker == 0xff: // filling
			from = at + 1
		case marker <= 1, marker >= firstRestart && marker < firstRestart+8, marker == 0xd8:
			from = at + 2
		default:
			return at
		}
	}
}

func (j *jpegHead) take(marker byte, segment []byte) {
	switch {
	case marker >= startOfFrame && marker <= progressiveFrame && j.sampling == nil && len(segment) >= 6:
		j.progressive = marker == progressiveFrame
		for rest := segment[6:]; len(rest) >= 3; rest = rest[3:] {
			j.components, j.sampling = append(j.components, rest[0]), append(j.sampling, rest[1])
		}
	case marker == startOfScan:
		j.scans++
	case marker == adobeSegment && len(segment) >= 12 && bytes.HasPrefix(segment, []byte("Adobe")):
		j.untouched = j.untouched || segment[11] == 0
	case marker == applicationSegment && j.exif == nil && bytes.HasPrefix(segment, []byte("Exif\x00\x00")):
		j.exif = segment[6:]
	}
}

func (j *jpegHead) check() error {
	if len(j.sampling) == 0 || len(j.sampling) > 4 {
		return ErrBroken
	}
	if j.scans > mostScans {
		return ErrComplex
	}
	return nil
}

// bytesPerPixel is what Go's decoder takes, at most: a byte a sample, and four more for one that comes in passes; for four
// colours, and for red, green and blue as they are, everything is copied once.
func (j *jpegHead) bytesPerPixel() float64 {
	across, down, samples := 1, 1, 0
	for _, s := range j.sampling {
		across, down = max(across, int(s>>4)), max(down, int(s&15))
		samples += int(s>>4) * int(s&15)
	}
	n := float64(samples) / float64(across*down)
	if j.progressive {
		n *= 5
	}
	if len(j.sampling) == 4 || (len(j.sampling) == 3 && (j.untouched || string(j.components) == "RGB")) {
		n += 4
	}
	return n
}
