package bucket

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// problem is an error answer of S3, before it is written as XML or HTML.
type problem struct {
	status  int
	code    string
	message string
	details []detail // in order
	allow   string   // of a 405
}

type detail struct{ name, value string }

// The problems, each with its row.

func noSuchKey(key string) *problem { // [S3-02], [S3-04]
	return &problem{status: http.StatusNotFound, code: "NoSuchKey", message: "The specified key does not exist.", details: []detail{{"Key", key}}}
}

func accessDenied() *problem { // [S3-02], [S3-04], [S3-35]
	return &problem{status: http.StatusForbidden, code: "AccessDenied", message: "Access Denied"}
}

func noSuchBucket(name string) *problem { // [S3-09], [S3-36]
	return &problem{status: http.StatusNotFound, code: "NoSuchBucket", message: "The specified bucket does not exist", details: []detail{{"BucketName", name}}}
}

func methodNotAllowed(method, allow string) *problem { // [S3-06], [S3-18], [S3-33]
	return &problem{
		status: http.StatusMethodNotAllowed, code: "MethodNotAllowed", message: "The specified method is not allowed against this resource.",
		details: []detail{{"Method", method}, {"ResourceType", "OBJECT"}}, allow: allow,
	}
}

func corsDisabled() *problem { // [S3-07]
	return &problem{status: http.StatusForbidden, code: "AccessForbidden", message: "CORSResponse: CORS is not enabled for this bucket."}
}

func preconditionFailed(condition string) *problem { // [S3-21]
	return &problem{
		status: http.StatusPreconditionFailed, code: "PreconditionFailed", message: "At least one of the pre-conditions you specified did not hold",
		details: []detail{{"Condition", condition}},
	}
}

func invalidRange(asked string, size int64) *problem { // [S3-23]
	return &problem{
		status: http.StatusRequestedRangeNotSatisfiable, code: "InvalidRange", message: "The requested range is not satisfiable",
		details: []detail{{"RangeRequested", asked}, {"ActualObjectSize", strconv.FormatInt(size, 10)}},
	}
}

func invalidURI() *problem { // [S3-37]
	return &problem{status: http.StatusBadRequest, code: "InvalidURI", message: "Couldn't parse the specified URI."}
}

func keyTooLong(key string) *problem { // [S3-37]
	return &problem{
		status: http.StatusBadRequest, code: "KeyTooLongError", message: "Your key is too long",
		details: []detail{{"Size", strconv.Itoa(len(key))}, {"MaxSizeAllowed", strconv.Itoa(maxKeyBytes)}},
	}
}

func internalError() *problem { // S3 API ErrorResponses
	return &problem{status: http.StatusInternalServerError, code: "InternalError", message: "We encountered an internal error. Please try again."}
}

// xml is the document of the REST endpoint. [S3-03]
func (p *problem) xml(id ids) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<Error>")
	for _, d := range p.all(id) {
		b.WriteString("<" + d.name + ">" + escape(d.value) + "</" + d.name + ">")
	}
	b.WriteString("</Error>")
	return b.String()
}

// html is the page of the website endpoint; second is why the error document could
// not be had, nil when there is none. [S3-16], [S3-30], [S3-31]
func (p *problem) html(id ids, second *problem) string {
	title := fmt.Sprintf("%d %s", p.status, http.StatusText(p.status))
	var b strings.Builder
	fmt.Fprintf(&b, "<html>\n<head><title>%s</title></head>\n<body>\n<h1>%s</h1>\n<ul>\n", title, title)
	list := func(details []detail) {
		for _, d := range details {
			fmt.Fprintf(&b, "<li>%s: %s</li>\n", d.name, escape(d.value))
		}
		b.WriteString("</ul>\n")
	}
	list(p.all(id))
	if second != nil {
		b.WriteString("<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>\n")
		list(second.own())
	}
	b.WriteString("<hr/>\n</body>\n</html>\n")
	return b.String()
}

func (p *problem) own() []detail {
	return append([]detail{{"Code", p.code}, {"Message", p.message}}, p.details...)
}

func (p *problem) all(id ids) []detail {
	return append(p.own(), detail{"RequestId", id.request}, detail{"HostId", id.host})
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", "&#13;")

// escape is for text in XML and in HTML. What XML cannot hold becomes U+FFFD.
func escape(text string) string {
	return escaper.Replace(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return 0xFFFD
		}
		return r
	}, text))
}
