package cloudfront

import (
	"errors"
	"net/http"
	"strings"

	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

// Failure is a refusal as the API answers it.
type Failure struct {
	Code    string
	Message string
	// Detail says what exactly was wrong, where Message is AWS's own text and does
	// not. It goes into the header Staleproof-Detail.
	Detail string
}

// Error renders f on one line.
func (f *Failure) Error() string {
	if f.Detail != "" {
		return f.Code + ": " + f.Detail
	}
	return f.Code + ": " + f.Message
}

// told is a failure with a text of its own.
func told(code, message string) *Failure { return &Failure{Code: code, Message: message} }

// refusal is a failure with the text that AWS has for code, or else detail.
func refusal(code, detail string) *Failure {
	f := &Failure{Code: code, Message: messages[code], Detail: detail}
	if f.Message == "" {
		f.Message, f.Detail = detail, ""
	}
	return f
}

// status is that of a refusal. [API-23] to [API-27]
func status(code string) int {
	switch {
	case code == "InvalidationBatchAlreadyExists": // [INV-23] has no status; proxy says 400
		return http.StatusBadRequest
	case strings.HasPrefix(code, "NoSuch"), code == "EntityNotFound":
		return http.StatusNotFound
	case strings.HasSuffix(code, "AlreadyExists"), strings.HasSuffix(code, "InUse"), code == "DistributionNotDisabled":
		return http.StatusConflict
	case code == "PreconditionFailed":
		return http.StatusPreconditionFailed
	case code == "BatchTooLarge":
		return http.StatusRequestEntityTooLarge
	case code == "AccessDenied":
		return http.StatusForbidden
	case code == "InternalError":
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// messages are AWS's texts: those seen on the wire [API-29] to [API-38], and else
// those of the API's model.
var messages = map[string]string{
	"BatchTooLarge":                               "Invalidation batch specified is too large.",
	"CachePolicyAlreadyExists":                    "A cache policy with this name already exists. You must provide a unique name. To modify an existing cache policy, use UpdateCachePolicy.",
	"CachePolicyInUse":                            "Cannot delete the cache policy because it is attached to one or more cache behaviors.",
	"CloudFrontOriginAccessIdentityInUse":         "The Origin Access Identity specified is already in use.",
	"DistributionNotDisabled":                     "The distribution you are trying to delete has not been disabled.",
	"IllegalDelete":                               "Deletion is not allowed for this entity.",
	"IllegalUpdate":                               "The update contains modifications that are not allowed.",
	"InconsistentQuantities":                      "The value of Quantity and the size of Items don't match.",
	"InvalidIfMatchVersion":                       "The If-Match version is missing or not valid for the resource.",
	"InvalidOriginAccessControl":                  "The origin access control is not valid.",
	"InvalidOriginAccessIdentity":                 "The origin access identity is not valid or doesn't exist.",
	"InvalidURI":                                  "Could not parse the specified URI.",
	"IllegalOriginAccessConfiguration":            "An origin cannot contain both an origin access control (OAC) and an origin access identity (OAI).",
	"MalformedInput":                              "Invalid XML document",
	"MissingBody":                                 "This operation requires a body. Ensure that the body is present and the Content-Type header is set.",
	"NoSuchCachePolicy":                           "The cache policy does not exist.",
	"NoSuchCloudFrontOriginAccessIdentity":        "The specified origin access identity does not exist.",
	"NoSuchDistribution":                          "The specified distribution does not exist.",
	"NoSuchInvalidation":                          "The specified invalidation does not exist.",
	"NoSuchMonitoringSubscription":                "A monitoring subscription does not exist for the specified distribution.",
	"NoSuchOrigin":                                "One or more of your origins or origin groups do not exist.",
	"NoSuchOriginAccessControl":                   "The specified origin access control does not exist.",
	"NoSuchOriginRequestPolicy":                   "The origin request policy does not exist.",
	"NoSuchResponseHeadersPolicy":                 "The response headers policy does not exist.",
	"NoSuchResource":                              "A resource that was specified is not valid.",
	"OriginAccessControlAlreadyExists":            "An origin access control with the specified parameters already exists.",
	"OriginAccessControlInUse":                    "Cannot delete the origin access control because it's in use by one or more distributions.",
	"OriginRequestPolicyAlreadyExists":            "An origin request policy with this name already exists. You must provide a unique name. To modify an existing origin request policy, use UpdateOriginRequestPolicy.",
	"OriginRequestPolicyInUse":                    "Cannot delete the origin request policy because it is attached to one or more cache behaviors.",
	"PreconditionFailed":                          "The request failed because it didn't meet the preconditions in one or more request-header fields.",
	"ResponseHeadersPolicyAlreadyExists":          "A response headers policy with this name already exists. You must provide a unique name. To modify an existing response headers policy, use UpdateResponseHeadersPolicy.",
	"ResponseHeadersPolicyInUse":                  "Cannot delete the response headers policy because it is attached to one or more cache behaviors in a CloudFront distribution.",
	"TooManyInvalidationsInProgress":              "Processing your request will cause you to exceed the maximum number of in-progress invalidations.",
	"CloudFrontOriginAccessIdentityAlreadyExists": "If the CallerReference is a value you already sent in a previous request to create an identity but the content of the CloudFrontOriginAccessIdentityConfig is different from the original request, CloudFront returns a CloudFrontOriginAccessIdentityAlreadyExists error.",
}

// failureOf gives err AWS's form.
func failureOf(err error) *Failure {
	var f *Failure
	var api *proxy.APIError
	var setting *distribution.Error
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &api):
		return invalidationFailure(api)
	case errors.As(err, &setting):
		return settingFailure(setting)
	}
	return &Failure{Code: "InternalError", Message: err.Error()}
}

// invalidationFailure has AWS's text for a bad path. [API-37]
func invalidationFailure(api *proxy.APIError) *Failure {
	if api.Code == "InvalidArgument" {
		return &Failure{api.Code, "Your request contains one or more invalid invalidation paths.", api.What}
	}
	return refusal(api.Code, api.What)
}

// settingFailure is a mistake in a configuration. Where AWS's text is not known,
// it is ours, with the place of the setting.
func settingFailure(e *distribution.Error) *Failure {
	code := e.Code
	if code == "" {
		code = "InvalidArgument"
	}
	path := strings.TrimPrefix(e.Path, "Distribution.")
	what := e.What
	if text, ok := strings.CutPrefix(what, "the parameter "); ok { // [API-35]
		return &Failure{code, "The parameter " + text + ".", path}
	}
	if path != "" {
		what = path + ": " + what
	}
	if e.Hint != "" {
		what += "; hint: " + e.Hint
	}
	return refusal(code, what)
}
