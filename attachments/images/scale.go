package images

import (
	"image"
	"image/draw"
)

// scale makes a copy whose longer side has at most so many pixels: each is the mean of those that it covers. A row at a
// time is converted, so that it takes little more memory than the copy.
func scale(m image.Image, longest int) *image.RGBA {
	from := m.Bounds()
	w, h := fit(from.Dx(), from.Dy(), longest)
	scaled := image.NewRGBA(image.Rect(0, 0, w, h))
	if w == from.Dx() && h == from.Dy() {
		draw.Draw(scaled, scaled.Rect, m, from.Min, draw.Src)
		return scaled
	}
	row := image.NewRGBA(image.Rect(0, 0, from.Dx(), 1))
	across := cover(from.Dx(), w)
	down := cover(from.Dy(), h)
	narrow, sum := make([]float32, 4*w), make([]float32, 4*w)
	for y, part := range down {
		draw.Draw(row, row.Rect, m, image.Pt(from.Min.X, from.Min.Y+y), draw.Src)
		squeeze(narrow, row.Pix, across)
		add(sum, narrow, part.share)
		if y == len(down)-1 || down[y+1].of != part.of {
			settle(scaled.Pix[scaled.PixOffset(0, part.of):][:4*w], sum, float32(h)/float32(from.Dy()))
			clear(sum)
			add(sum, narrow, 1-part.share)
		}
	}
	return scaled
}

// fit is how large a picture is when its longer side has at most so many pixels.
func fit(w, h, longest int) (int, int) {
	side := max(w, h)
	if side <= longest {
		return w, h
	}
	return max(1, (w*longest+side/2)/side), max(1, (h*longest+side/2)/side)
}

// part tells which pixel of a shorter row one of a longer row belongs to, and with what share; the rest of it belongs to
// the next one.
type part struct {
	of    int
	share float32
}

// cover divides a row of n pixels among m, which is no more.
func cover(n, m int) []part {
	parts := make([]part, n)
	for i := range parts {
		of := i * m / n
		inside := min((of+1)*n-i*m, m) // of m, how much of this pixel lies before the next one's begin
		parts[i] = part{of, float32(inside) / float32(m)}
	}
	return parts
}

// squeeze makes a narrow row of the sums of what its pixels cover, as if each had width one.
func squeeze(narrow []float32, row []byte, across []part) {
	clear(narrow)
	scale := float32(len(narrow)) / float32(len(row))
	for i, p := range across {
		pixel := row[4*i:][:4]
		add := p.share * scale
		to := narrow[4*p.of:]
		for c, v := range pixel {
			to[c] += float32(v) * add
		}
		if p.share < 1 && len(to) > 4 {
			rest := (1 - p.share) * scale
			for c, v := range pixel {
				to[4+c] += float32(v) * rest
			}
		}
	}
}

func add(sum, row []float32, share float32) {
	for i, v := range row {
		sum[i] += v * share
	}
}

func settle(to []byte, sum []float32, scale float32) {
	for i, v := range sum {
		to[i] = byte(min(v*scale+0.5, 255))
	}
}
