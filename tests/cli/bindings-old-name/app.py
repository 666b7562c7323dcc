from http_trigger import HttpTrigger
