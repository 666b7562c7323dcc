import sdk
