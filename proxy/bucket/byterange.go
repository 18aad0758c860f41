package bucket

import (
	"math"
	"strconv"
	"strings"
)

// byteRange is a part of an object; the whole one has asked false.
type byteRange struct {
	from, length int64
	asked        bool
}

// parseRange reads a Range header for an object of size bytes; ok is false when it
// has none of the bytes asked for. Several ranges at once and what is no range of
// bytes are not looked at: then it is the whole object. [S3-22], [S3-23]
func parseRange(text string, size int64) (r byteRange, ok bool) {
	whole := byteRange{length: size}
	spec, isBytes := strings.CutPrefix(text, "bytes=")
	first, last, isRange := strings.Cut(strings.TrimSpace(spec), "-")
	if !isBytes || !isRange || strings.Contains(spec, ",") {
		return whole, true
	}
	if first == "" {
		n, valid := position(last)
		if !valid {
			return whole, true
		}
		n = min(n, size)
		return byteRange{size - n, n, true}, n > 0
	}
	from, valid := position(first)
	if !valid {
		return whole, true
	}
	to := size - 1
	if last != "" {
		end, valid := position(last)
		if !valid || end < from {
			return whole, true
		}
		to = min(end, to)
	}
	return byteRange{from, to - from + 1, true}, from < size
}

// position reads digits; what no object reaches is as far as that.
func position(text string) (int64, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		n = math.MaxInt64
	}
	return n, true
}
