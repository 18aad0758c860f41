package cachepolicy

import "strings"

// appendQuery appends the parameters of raw that s picks, in the viewer's order
// and spelling, joined by &. Only & separates; nothing is decoded. [QS-05],
// [QS-08], [QS-15]
func (s Selection) appendQuery(b []byte, raw string) []byte {
	switch s.Mode {
	case None:
		return b
	case All:
		return append(b, raw...)
	}
	first := true
	for raw != "" {
		var param string
		param, raw, _ = strings.Cut(raw, "&")
		name, _, _ := strings.Cut(param, "=")
		if param == "" || !s.Picks(name) {
			continue
		}
		if !first {
			b = append(b, '&')
		}
		first = false
		b = append(b, param...)
	}
	return b
}

// Query is what s leaves of a raw query string.
func (s Selection) Query(raw string) string {
	switch s.Mode {
	case None:
		return ""
	case All:
		return raw
	}
	return string(s.appendQuery(nil, raw))
}
