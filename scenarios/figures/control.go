package figures

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

func header(control string) http.Header {
	h := http.Header{}
	if control != "" {
		h.Set("Cache-Control", control)
	}
	return h
}

func pathOf(url string) string {
	p, _, _ := strings.Cut(url, "?")
	return p
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// has reports whether a Cache-Control has a directive.
func has(control, name string) bool {
	_, ok := directive(control, name)
	return ok
}

// age is the value of a directive in seconds; 0 when it is not there or is none.
func age(control, name string) time.Duration {
	v, _ := directive(control, name)
	n, err := strconv.ParseInt(strings.Trim(v, `"`), 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(n) * time.Second
}

func directive(control, name string) (value string, ok bool) {
	for _, part := range strings.Split(control, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		if strings.EqualFold(strings.TrimSpace(k), name) {
			return strings.TrimSpace(v), true
		}
	}
	return "", false
}
