package distribution

import "slices"

// ManagedResponseHeadersPolicies lists CloudFront's managed response headers
// policies. [RHP-31] to [RHP-34]
func ManagedResponseHeadersPolicies() []ResponseHeadersPolicy { return managedResponse }

// ManagedResponseHeadersPolicy finds a managed response headers policy by id or by
// name, with or without the API's prefix "Managed-". [CFG-21]
func ManagedResponseHeadersPolicy(idOrName string) (ResponseHeadersPolicy, bool) {
	i := slices.IndexFunc(managedResponse, func(p ResponseHeadersPolicy) bool {
		return p.ID == idOrName || p.Name == idOrName || "Managed-"+p.Name == idOrName
	})
	if i < 0 {
		return ResponseHeadersPolicy{}, false
	}
	return managedResponse[i], true
}

var (
	// [RHP-31]
	simpleCORS = &CORS{AllowOrigins: []string{"*"}}
	// [RHP-32]
	preflightCORS = &CORS{
		AllowOrigins:  []string{"*"},
		AllowMethods:  []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"},
		ExposeHeaders: []string{"*"},
	}
	// [RHP-33]
	securityHeaders = []ResponseHeader{
		{Name: "Referrer-Policy", Value: "strict-origin-when-cross-origin"},
		{Name: "Strict-Transport-Security", Value: "max-age=31536000"},
		{Name: "X-Content-Type-Options", Value: "nosniff", Override: true},
		{Name: "X-Frame-Options", Value: "SAMEORIGIN"},
		{Name: "X-Xss-Protection", Value: "1; mode=block"},
	}
)

var managedResponse = []ResponseHeadersPolicy{
	{ID: "60669652-455b-4ae9-85a4-c4c02393f86c", Name: "SimpleCORS", CORS: simpleCORS},
	{ID: "5cc3b908-e619-4b99-88e5-2cf7f45965bd", Name: "CORS-With-Preflight", CORS: preflightCORS},
	{ID: "67f7725c-6f97-4210-82d7-5512b31e9d03", Name: "SecurityHeadersPolicy", Set: securityHeaders},
	// [RHP-34]
	{ID: "e61eb60c-9c35-4d20-a928-2b84e02af89c", Name: "CORS-and-SecurityHeadersPolicy", CORS: simpleCORS, Set: securityHeaders},
	{ID: "eaab4381-ed33-4a86-88ca-d9558dc6cd63", Name: "CORS-with-preflight-and-SecurityHeadersPolicy", CORS: preflightCORS, Set: securityHeaders},
}
