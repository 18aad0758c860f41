// Package proxy carries a viewer request through a distribution.
//
// An [Edge] is one edge location: an [http.Handler] for viewers over sockets and
// an [http.RoundTripper] for viewers in the same process. A [Network] is several
// of them, with or without a regional edge cache behind.
//
// # In a test
//
//	edge, err := proxy.New(proxy.Config{
//		Distributions: []*distribution.Distribution{d},
//		Origins:       map[string]http.RoundTripper{"web": proxy.Handler(app)},
//		Now:           clock.Now, // a scenarios.Clock, which the test moves
//	})
//	client := &http.Client{Transport: edge}
//
// # Time
//
// Cache time is Config.Now; moving it makes what is stored older. Timeouts of
// origins are real time, and faked by testing/synctest in tests.
package proxy
