"""Why a number is what it is: from an indicator value to the submissions behind it."""
