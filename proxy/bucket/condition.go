package bucket

import (
	"net/http"
	"strings"
	"time"
)

// judge says what the conditions of a request make of an object: 200 for go on, 304,
// or 412 and the header that did not hold. The order is S3's and RFC 9110's §13.2.2.
// [S3-20]
func judge(r http.Header, etag string, modified time.Time) (status int, failed string) {
	if tags := r["If-Match"]; len(tags) > 0 {
		if !listed(tags, etag) {
			return http.StatusPreconditionFailed, "If-Match"
		}
	} else if t, ok := moment(r, "If-Unmodified-Since"); ok && modified.After(t) {
		return http.StatusPreconditionFailed, "If-Unmodified-Since"
	}
	if tags := r["If-None-Match"]; len(tags) > 0 {
		if listed(tags, etag) {
			return http.StatusNotModified, ""
		}
	} else if t, ok := moment(r, "If-Modified-Since"); ok && !modified.After(t) {
		return http.StatusNotModified, ""
	}
	return http.StatusOK, ""
}

// listed reports whether a list of tags has etag. S3 knows no weak tags; one that a
// cache has weakened, as CloudFront does when it compresses, is taken for its strong
// one, with quotes or without.
func listed(lists []string, etag string) bool {
	for _, list := range lists {
		for tag := range strings.SplitSeq(list, ",") {
			tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
			if tag == "*" || strings.Trim(tag, `"`) == strings.Trim(etag, `"`) {
				return true
			}
		}
	}
	return false
}

func moment(r http.Header, name string) (time.Time, bool) {
	t, err := http.ParseTime(r.Get(name))
	return t, err == nil
}

// rangeHolds reports whether If-Range lets a range count. [S3-24]
func rangeHolds(r http.Header, etag string, modified time.Time) bool {
	condition := r.Get("If-Range")
	if condition == "" {
		return true
	}
	if t, err := http.ParseTime(condition); err == nil {
		return t.Equal(modified)
	}
	return condition == etag
}
