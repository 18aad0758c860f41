package proxy

import (
	"net/http"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
)

// maxURLBytes is the longest URL a viewer may send. [LIM-01]
const maxURLBytes = 8192

func (x *exchange) findDistribution() *answer {
	ds := x.edge.config.Distributions
	x.dist = distribution.Find(ds, x.req.Host)
	if x.dist == nil && x.edge.config.AnyHost {
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
	if len(x.req.Path)+1+len(x.req.RawQuery) > maxURLBytes {
		return x.refuse(http.StatusRequestURITooLong, cachepolicy.TooLong, badRequest)
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
	if x.secure() {
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
