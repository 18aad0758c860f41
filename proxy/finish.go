package proxy

import (
	"net/http"
	"strconv"
	"time"

	"staleproof/cachepolicy"
)

// addOwnHeaders adds what CloudFront says of itself. None of it is ever stored.
// [XC-19]
func (x *exchange) addOwnHeaders(a *answer) {
	if a.hasAge {
		a.header["Age"] = []string{strconv.FormatInt(int64(a.age/time.Second), 10)} // [XC-06]
	}
	if x.inner {
		return // the tier in front speaks to the viewer [XC-23]
	}
	if a.result == cachepolicy.RefreshHit || a.stored != nil && !a.hasAge {
		delete(a.header, "Age") // [XC-07]
	}
	own := make([]string, 4) // in one piece
	own[0] = "1.1 " + x.hop + ".cloudfront.net (CloudFront)" + x.suffix(a.header["Via"])
	own[1] = string(a.result) + " from cloudfront"
	own[2] = x.edge.config.POP
	own[3] = x.id
	a.header["Via"], a.header["X-Cache"], a.header["X-Amz-Cf-Id"] = own[0:1:1], own[1:2:2], own[3:4:4]
	a.header["X-Amz-Cf-Pop"] = append(own[2:3:3], a.header["X-Amz-Cf-Pop"]...) // [XC-18]
}

// suffix keeps an origin's own Via after CloudFront's. [XC-14], D-14
func (x *exchange) suffix(via []string) string {
	var s string
	if x.rule != nil && x.rule.Terms.Emulation.OriginViaReplaced {
		return s
	}
	for _, v := range via {
		s += ", " + v
	}
	return s
}

// replaceError answers an error with its custom page, if there is one. The page
// is fetched like any request of a viewer by the last steps; its own error is
// shown as it is. [CER-03] to [CER-09]
func (x *exchange) replaceError(a *answer) {
	if a.status < 400 || a.status == statusViewerLeft || x.page || x.inner || x.dist == nil || x.rule == nil {
		return
	}
	if a.generated && a.why == cachepolicy.BadRequest {
		return // [METH-04]
	}
	for i := range x.dist.ErrorResponses {
		r := &x.dist.ErrorResponses[i]
		if r.Code != a.status || r.Page == "" {
			continue
		}
		page := x.fetchPage(r.Page)
		a.leaveBehind() // the error itself is remembered, too [ERR-05]
		a.close()
		status := r.Status
		if page.status >= 400 {
			status = page.status // [CER-07]
		}
		*a = *page
		a.status, a.result, a.why = status, cachepolicy.Error, cachepolicy.ErrorPageReplaced // [CER-05]
		a.hasAge = false                                                                     // [ERR-21]
		if x.in.ProtoMajor == 1 {
			a.header["Connection"] = []string{connectionAfter(r.Code)}
		}
		return
	}
}

// connectionAfter is the Connection header of a custom error page. [ERR-25]
func connectionAfter(code int) string {
	switch code {
	case 400, 405, 414, 416, 500, 501:
		return "close"
	}
	return "keep-alive"
}

// fetchPage gets a custom error page through the behavior that its path matches.
func (x *exchange) fetchPage(path string) *answer {
	page := *x
	page.page, page.req.Path, page.req.RawQuery, page.req.Method = true, path, "", http.MethodGet // [CER-17]
	page.in = x.in.Clone(x.ctx)
	page.in.Body, page.in.Method = nil, http.MethodGet
	page.req.Header = x.req.Header.Clone()
	for _, name := range passedOn {
		page.req.Header.Del(name)
	}
	page.rule = x.dist.Behavior(path)
	a := page.answerFromCache()
	if x.req.Method == http.MethodHead && a.body != nil {
		a.body.Close()
		a.body = nil
	}
	return a
}
