package proxy

import (
	"net/http"
	"strings"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
)

// maxURLBytes is the longest URL a viewer may send. [LIM-01]
const maxURLBytes = 8192

// The longest request a viewer may send: path, query and headers. [LIM-02], D-15
const (
	maxRequestBytes     = 32_768
	maxRequestBytes2023 = 20_480
	statusHeadTooLarge  = 494
)

// maxChain is how many distributions may stand one behind the other. [LIM-05]
const maxChain = 2

// headBytes is what counts against the limit: path, query, and header fields.
func (x *exchange) headBytes() int {
	n := len(x.req.Path) + len(x.req.RawQuery)
	for name, values := range x.in.Header {
		for _, v := range values {
			n += len(name) + len(v) + len(": \r\n")
		}
	}
	return n
}

// hops is how many distributions a request has come through.
func hops(h http.Header) int {
	n := 0
	for _, line := range h["Via"] {
		n += strings.Count(line, ".cloudfront.net (CloudFront)")
	}
	return n
}

func (x *exchange) findDistribution() *answer {
	ds := x.edge.Distributions()
	x.dist = distribution.Find(ds, x.req.Host)
	if x.dist == nil && x.edge.config.AnyHost && len(ds) > 0 {
		x.dist = ds[0]
	}
	switch {
	case x.dist == nil:
		return x.refuse(http.StatusForbidden, cachepolicy.UnknownHost, badRequest) // [HOST-03]
	case !x.dist.Enabled:
		return x.refuse(http.StatusForbidden, cachepolicy.DistributionOff, badRequest) // [HOST-12]
	}
	return nil
}

func (x *exchange) checkRequest() *answer {
	switch size := x.headBytes(); {
	case len(x.req.Path)+1+len(x.req.RawQuery) > maxURLBytes:
		return x.refuse(http.StatusRequestURITooLong, cachepolicy.TooLong, badRequest)
	case size > maxRequestBytes2023 && x.dist.Emulation.Headers20480: // D-15
		return x.refuse(http.StatusRequestEntityTooLarge, cachepolicy.TooLong, badRequest)
	case size > maxRequestBytes: // [LIM-02]
		return x.refuse(statusHeadTooLarge, cachepolicy.TooLong, badRequest)
	case hops(x.req.Header) >= maxChain: // [LIM-05]
		return x.refuse(http.StatusForbidden, cachepolicy.TooManyHops, badRequest)
	}
	switch x.req.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodPost, http.MethodPatch,
		http.MethodDelete, http.MethodTrace, http.MethodConnect:
		return nil
	}
	return x.refuse(http.StatusBadRequest, cachepolicy.BadRequest, badRequest) // [METH-04]
}

// findBehavior also puts the default root object in the place of a single slash,
// before matching. [ROOT-01], [ROOT-03], [ROOT-13]
func (x *exchange) findBehavior() *answer {
	if x.req.Path == "/" && x.dist.DefaultRootObject != "" {
		x.req.Path = "/" + x.dist.DefaultRootObject
	}
	x.rule = x.dist.Behavior(x.req.Path)
	return nil
}

func (x *exchange) checkViewerProtocol() *answer {
	if x.secure {
		return nil
	}
	switch x.rule.ViewerProtocol {
	case distribution.ViewerHTTPSOnly:
		return x.refuse(http.StatusForbidden, cachepolicy.HTTPSRequired, badRequest) // [VPP-05]
	case distribution.RedirectToHTTPS:
		return x.redirectToHTTPS()
	}
	return nil
}

func (x *exchange) checkMethod() *answer {
	switch m := x.req.Method; {
	case !x.rule.Methods.Allows(m):
		return x.refuse(http.StatusForbidden, cachepolicy.MethodNotAllowed, methodNotAllowed) // [METH-02]
	case (m == http.MethodGet || m == http.MethodHead) && x.in.ContentLength != 0 && x.in.Body != nil && x.in.Body != http.NoBody:
		return x.refuse(http.StatusForbidden, cachepolicy.BodyNotAllowed, badRequest) // [METH-07]
	}
	return nil
}
